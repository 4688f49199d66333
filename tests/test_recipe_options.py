"""Optimizers, schedules and augmentations by name, with their options, in arms and their keys."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import torch

import cmpnet
from cmpnet import (
    Architecture,
    Augmentation,
    Bounds,
    CmpnetError,
    Loss,
    Optimizer,
    Schedule,
    TrainConfig,
    checking,
    provenance,
    training,
)
from cmpnet.arms import Shared, options_by_part, parts_of, resolve, resolve_all
from cmpnet.contract import networks, recipes
from cmpnet.decoding import decode_arm
from cmpnet.protocol import deviations, protocol_of
from cmpnet.registry import Registry, fault_of
from cmpnet.spec import Arm
from tests.helpers import QUICK, call, make_plugin

REGISTRY = Registry()
DECAYED = TrainConfig(
    optimizer="adamw",
    optimizer_options={"weight_decay": 0.5},
    schedule="onecycle",
    schedule_options={"warm_up": 0.1},
    augmentation="shift",
    augmentation_options={"pixels": 2},
)


def arm_of(text: str | Architecture, **shared: object) -> Arm:
    return resolve(text, REGISTRY, Shared(shared))


def ws(recipe: TrainConfig, **changes: Any) -> Architecture:
    return replace(REGISTRY.architecture("ws"), recipe=recipe, **changes)


# -- options --------------------------------------------------------------------------------------


def test_the_options_of_what_is_chosen_are_options_of_the_arm() -> None:
    arm = arm_of("ws[optimizer=adamw,weight-decay=0.05,schedule=onecycle,warm-up=0.2]")
    assert arm.config == TrainConfig(
        optimizer="adamw",
        optimizer_options={"weight_decay": 0.05},
        schedule="onecycle",
        schedule_options={"warm_up": 0.2},
    )
    assert arm.label == "ws[optimizer=adamw,weight-decay=0.05,schedule=onecycle,warm-up=0.2]"
    assert arm.rate(0.1) == pytest.approx(0.1 * 0.52)
    assert arm_of("ws", augmentation="shift", pixels=3).config.augmentation_options == {"pixels": 3}


def test_a_key_without_an_option_means_its_default() -> None:
    assert arm_of("ws[optimizer=adamw,weight-decay=0.01]").key == arm_of("ws[optimizer=adamw]").key
    old = arm_of("ws").key.to_json()
    for name in ("augmentation", "optimizer_options", "schedule_options", "augmentation_options"):
        del old["config"][name]  # as stored before there were any
    assert decode_arm(old) == arm_of("ws").key


def test_a_key_with_options_is_read_back_and_looked_up_again() -> None:
    arm = arm_of("ws[optimizer=adamw,weight-decay=0.05,augmentation=noise,sd=0.3]")
    key = decode_arm(json.loads(json.dumps(arm.key.to_json())))
    assert key == arm.key
    assert parts_of(key, REGISTRY) == arm


def test_a_networks_recipe_gives_options_that_the_command_line_overrides() -> None:
    network = ws(DECAYED)
    assert arm_of(network).config == DECAYED
    assert options_by_part(network, REGISTRY)["optimizer"]["weight_decay"].default == 0.5
    over = arm_of(network, weight_decay=0.01, warm_up=0.3)
    assert over.config.optimizer_options == {"weight_decay": 0.01}
    assert over.config.schedule_options == {"warm_up": 0.3}
    assert parts_of(arm_of(network).key, REGISTRY).config == DECAYED


def test_options_of_a_recipe_belong_to_the_optimizer_that_it_names() -> None:
    network = ws(DECAYED)
    assert arm_of(network, optimizer="adam").config.optimizer_options == {}
    assert arm_of(network, optimizer="cmpnet:adamw").config == DECAYED
    assert arm_of(network, schedule="cosine").config.optimizer_options == {"weight_decay": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ws[optimizer=adam,momentum=0.5]", "'ws' has no option 'momentum'"),
        ("ws[optimizer=adam,weight-decy=0.5]", "Did you mean 'weight-decay'"),
        ("ws[momentum=1]", "momentum is '1'; it must be a number from 0 to 0.99999"),
        ("ws[schedule=cosin]", "There is no schedule 'cosin'. Did you mean 'cosine'"),
        ("ws[augmentation=shft]", "There is no augmentation 'shft'. Did you mean 'shift'"),
        ("ws[optimizer=]", "it must be a line of text"),
        ("minidl-relu[weight-decay=0.1]", "'minidl-relu' has no option 'weight-decay'"),
        ("minidl-relu[augmentation=noise]", "choose an augmentation for minidl"),
        ("ws[optimizer=cmpnet-minidl:adam]", "choose an optimizer for torch with --optimizer"),
    ],
)
def test_a_wrong_part_or_option_is_refused_in_a_sentence(text: str, message: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        arm_of(text)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            TrainConfig(optimizer_options={"decay": 1}),
            "The recipe of 'ws' has an option 'decay', which its optimizer 'sgd' does not have.",
        ),
        (TrainConfig(optimizer_options={"momentum": 2}), "momentum is 2; it must be"),
        (TrainConfig(optimizer="sdg"), "There is no optimizer 'sdg'. Did you mean 'sgd'"),
    ],
)
def test_a_wrong_recipe_is_refused_in_a_sentence(recipe: TrainConfig, message: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        arm_of(ws(recipe))
    assert message in str(caught.value)


def test_a_flag_of_another_optimizer_says_which_has_it_and_what_the_chosen_one_has() -> None:
    done = call("train", "ws", "--optimizer", "adam", "--momentum", "0.5")
    assert done.returncode == 2
    assert (
        "--momentum is an option of --optimizer momentum or sgd, not of 'adam' (its options: "
        "beta1, beta2, eps, weight-decay)" in " ".join(done.stderr.split())
    )
    done = call("train", "ws", "--pixels=2")
    assert "of --augmentation shift, not of 'none' (its options: none)" in done.stderr


def test_an_option_that_two_parts_have_is_given_with_its_part() -> None:
    def build(*, momentum: float = 0.1) -> Any:
        raise NotImplementedError

    network = replace(REGISTRY.architecture("ws"), name="own", build=build)
    with pytest.raises(CmpnetError, match="both architecture and optimizer"):
        arm_of(network, momentum=0.5)
    arm = arm_of(network, **{"optimizer.momentum": 0.5})
    assert arm.config.optimizer_options == {"momentum": 0.5}
    assert arm.key.architecture_options == {"momentum": 0.1}


def test_a_sweep_tries_the_options_that_each_swept_optimizer_has() -> None:
    shared = Shared(sweeps={"optimizer": ["sgd", "adamw"], "momentum": ["0", "0.9"]})
    assert [arm.label for arm in resolve_all(["ws"], REGISTRY, shared)] == [
        "ws[optimizer=sgd,momentum=0]",
        "ws[optimizer=sgd,momentum=0.9]",
        "ws[optimizer=adamw]",
    ]
    decays = Shared(sweeps={"weight_decay": ["0", "0.01"]})
    swept = resolve_all(["ws"], REGISTRY, decays)
    assert [arm.config.optimizer_options for arm in swept] == [{}, {"weight_decay": 0.01}]


# -- what readers are told ------------------------------------------------------------------------


def test_options_that_differ_from_the_recipe_are_named() -> None:
    original = arm_of("ws").key
    changed = arm_of("ws", weight_decay=0.01, schedule="onecycle", warm_up=0.1).key
    assert [str(one) for one in deviations(changed, original)] == [
        "schedule onecycle instead of constant",
        "weight-decay 0.01 instead of default",
        "warm-up 0.1 instead of default",
    ]
    assert protocol_of(changed, "d", TrainConfig()).overridden == {
        "schedule": "onecycle",
        "weight_decay": 0.01,
        "warm_up": 0.1,
    }
    named = arm_of("ws[optimizer.weight-decay=0.01]").key
    assert protocol_of(named, "d", TrainConfig()).overridden == {}


def test_exports_have_the_options_and_reproduce_trains_with_them() -> None:
    arms = ["ws[optimizer=adamw,weight-decay=0.5,augmentation=shift,pixels=2]", "ws"]
    results = cmpnet.bench(arms, repeats=1, epochs=1, pairs=40, workers=1)
    results.save("out.json")
    results.save("out.csv")
    with Path("out.csv").open() as file:
        one, other = csv.DictReader(file)
    assert (one["optimizer.weight_decay"], one["augmentation.pixels"]) == ("0.5", "2")
    assert (other["optimizer.weight_decay"], other["augmentation"]) == ("", "none")
    exported = json.loads(Path("out.json").read_text())["arms"]
    assert exported[0]["config"]["optimizer_options"] == {"weight_decay": 0.5}
    assert exported[1]["config"]["optimizer_options"] == {}
    assert cmpnet.reproduce("out.json", workers=1, fresh=True).complete
    assert list(cmpnet.load(where={"weight_decay": 0.5}).summary()) == [arms[0]]


def test_help_and_show_list_the_options_without_importing_torch() -> None:
    script = (
        "import contextlib, sys\n"
        "from cmpnet.__main__ import main\n"
        "for name in ('adamw', 'onecycle', 'affine'):\n"
        "    with contextlib.suppress(SystemExit):\n"
        "        main(['show', name])\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for word in ("weight-decay", "warm-up", "rotation"):
        assert word in done.stdout
    assert "--weight-decay" in call("train", "ws", "--optimizer", "adamw", "--help").stdout


# -- backends -------------------------------------------------------------------------------------


def test_a_bare_name_means_the_optimizer_of_the_networks_backend() -> None:
    torchs, minidls = arm_of("ws[optimizer=adam]"), arm_of("minidl-relu[optimizer=adam]")
    assert (torchs.optimizer.backend, minidls.optimizer.backend) == ("torch", "minidl")
    assert (torchs.owners["optimizer"], minidls.owners["optimizer"]) == ("cmpnet", "cmpnet-minidl")
    assert minidls.config.optimizer == "adam"
    assert arm_of("minidl-relu[optimizer=cmpnet-minidl:adam]").key == minidls.key


def test_a_loss_that_asks_for_what_the_learner_does_not_give_is_refused() -> None:
    loss = Loss(name="asking", summary="", fn=lambda *, ids: 0, needs=("inside",), backend="minidl")
    with pytest.raises(CmpnetError, match="asks for 'ids', which the learner of 'minidl-relu'"):
        resolve("minidl-relu", REGISTRY, Shared(loss=loss))


# -- records of the caller's own, of plugins and of files -----------------------------------------


def halved(parameters: Any, *, share: Annotated[float, Bounds(0, 1)] = 0.5) -> Any:
    optimizer = torch.optim.SGD(parameters)

    def update(lr: float) -> None:
        optimizer.param_groups[0]["lr"] = share * lr
        optimizer.step()

    return update


HALVED = Optimizer(name="halved", summary="", make=halved)


def test_a_record_of_the_callers_own_is_used_as_it_is_and_identified_by_its_content() -> None:
    arm = arm_of("ws", optimizer=HALVED, share=0.25, pairs=40, epochs=1)
    assert (arm.config.optimizer, arm.config.optimizer_options) == ("halved", {"share": 0.25})
    assert arm.owners["optimizer"] == ""
    assert provenance.OWN in provenance.code(arm)
    quarter = arm_of("ws[lr=0.025]", pairs=40, epochs=1)
    *_, own = training.run(arm, [3])
    *_, plain = training.run(quarter, [3])
    assert own.results[0].curves == plain.results[0].curves  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (replace(HALVED, api_version=1), "made for version 1"),
        (replace(HALVED, name="a b"), "its name is 'a b'"),
        (replace(HALVED, backend=""), "its 'backend' is ''"),
        (replace(HALVED, make=lambda p, *, lr=0.1: None), "hidden by the flag --lr"),
        (replace(HALVED, make=lambda p, *, share: None), "'share' has no default"),
        (Schedule(name="s", summary="", factor=lambda p, *, epochs=1: 1), "hidden by the flag"),
        (Augmentation(name="a", summary="", fn=lambda x, g, *, k={}: x), "cannot be typed"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(record: Any, reason: str) -> None:
    assert reason in fault_of(record)


FILE = '''
import torch
import cmpnet

class Net(torch.nn.Module):
    """A small net."""
    recipe = cmpnet.TrainConfig(lr=0.01, optimizer="signed", schedule="late", epochs=1)

    def __init__(self, width: int = 4):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(392, width), torch.nn.Linear(width, 2))

    def forward(self, x):
        return self.body(x)

def signed(parameters, decay: float = 0.0):
    """Steps by the sign of the gradient."""
    @torch.no_grad()
    def update(lr):
        for p in parameters:
            p -= lr * (p.grad.sign() + decay * p)
    return update

class Slow(torch.optim.SGD):
    def __init__(self, params, lr, slowness: int = 2):
        super().__init__(params, lr)
        self.slowness = slowness

def late(progress, start=0.5):
    return float(progress >= start)

def flipped(x, generator, share=0.5):
    """Mirrors some images."""
    chosen = torch.rand(len(x), 1, 1, 1, generator=generator) < share
    return torch.where(chosen, x.flip(3), x)

def penalised(output, batch, net, ids, x, weight=0.01):
    assert len(ids) == len(x) == len(batch["target"])
    squares = sum(p.square().sum() for p in net.parameters())
    again = net(x)["verdict"]
    return torch.nn.functional.cross_entropy(again, batch["target"]) + weight * squares

LION = cmpnet.Optimizer(name="lion", summary="a record", make=signed)
'''


def test_functions_and_classes_of_a_file_are_optimizers_schedules_and_augmentations() -> None:
    Path("mine.py").write_text(FILE)
    arm = resolve(
        "mine.py[optimizer=mine.py:Slow,slowness=3,augmentation=mine.py:flipped,share=0.25]",
        registry := Registry(),
        Shared({"pairs": "40"}, loss="mine.py:penalised"),
    )
    config = arm.config
    assert (config.optimizer, config.optimizer_options) == ("mine.py:Slow", {"slowness": 3})
    assert (config.schedule, config.augmentation) == ("mine.py:late", "mine.py:flipped")
    assert config.augmentation_options == {"share": 0.25}
    assert (arm.key.loss_options, arm.loss.needs) == ({"weight": 0.01}, ("verdict",))
    *_, trained = training.run(arm, [0])
    assert trained.results[0].status == "ok", trained.results[0].cause  # type: ignore[union-attr]
    assert "mine.py" in provenance.code(arm)
    assert parts_of(arm.key, registry).key == arm.key
    signed = resolve("mine.py", registry)
    assert (signed.config.optimizer, signed.rate(0.6)) == ("mine.py:signed", 0.01)
    assert signed.optimizer.summary == "Steps by the sign of the gradient."


def test_what_a_file_has_is_named_by_plugin_shown_and_suggested() -> None:
    Path("mine.py").write_text(FILE)
    done = call("train", "ws", *QUICK, "--plugin", "mine.py", "--optimizer", "lion", "--no-plot")
    assert done.returncode == 0, done.output
    assert "mine.py:lion" in call("list", "optimizers", "--plugin", "mine.py").stdout
    assert "decay" in call("show", "mine.py:signed").stdout
    wrong = call("train", "ws", "--optimizer", "mine.py:singed")
    assert "Did you mean 'signed'? Its optimizers: " in wrong.stderr
    wrong = call("train", "ws", "--schedule", "mine.py:flipped")
    assert "give a function of 'progress', or a cmpnet.Schedule" in wrong.stderr


# -- promises -------------------------------------------------------------------------------------


def checked(promises: Any) -> str:
    """The first broken promise."""
    try:
        for _ in promises:
            pass
    except AssertionError as error:
        return str(error)
    return ""


def unruly(x: Any, generator: Any) -> Any:
    return x + torch.randn(x.shape)


def in_place(x: Any, generator: Any) -> Any:
    return x.mul_(2)


@pytest.mark.parametrize(
    ("fn", "reason"),
    [
        (unruly, "draw from the generator that it is given"),
        (in_place, "changes the samples that it is given in place"),
        (lambda x, g: x[:, :, 1:], "returns torch.float32 (8, 2, 13, 14)"),
        (lambda x, g: x.double(), "returns torch.float64 (8, 2, 14, 14) for torch.float32"),
        (lambda x, g: x / 0, "not finite"),
        (lambda x, g: None, "returns NoneType ()"),
    ],
)
def test_a_broken_augmentation_breaks_a_promise(fn: Callable[..., Any], reason: str) -> None:
    broken = Augmentation(name="broken", summary="", fn=fn)
    assert reason in checked(recipes.augmentation_promises(broken, None))


@pytest.mark.parametrize(
    ("factor", "reason"),
    [
        (lambda progress: -progress, "must be a finite number of at least 0"),
        (lambda progress: float("nan"), "must be a finite number of at least 0"),
        (lambda progress: None, "must be a finite number of at least 0"),
        (lambda progress: 0.0, "is 0 throughout"),
        (lambda progress: np.random.default_rng().random(), "different factors"),
    ],
)
def test_a_broken_schedule_breaks_a_promise(factor: Callable[..., Any], reason: str) -> None:
    broken = Schedule(name="broken", summary="", factor=factor)
    assert reason in checked(recipes.schedule_promises(broken))


def deaf(parameters: Any) -> Any:
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    return lambda lr: optimizer.step()


def test_an_optimizer_that_ignores_the_learning_rate_or_does_nothing_breaks_a_promise() -> None:
    broken = Optimizer(name="deaf", summary="", make=deaf)
    arm = networks.small(arm_of("baseline", optimizer=broken))
    assert "ignores the learning rate" in checked(recipes.optimizer_promises(arm))
    idle = replace(broken, make=lambda parameters: lambda lr: None)
    arm = networks.small(arm_of("baseline", optimizer=idle))
    assert "changes no weight" in checked(networks.promises(arm))


def test_check_knows_them_and_names_what_a_plugin_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
        from cmpnet import Augmentation, Optimizer, Schedule
        DEAF = Optimizer(name="deaf", summary="", make=lambda parameters: lambda lr: None)
        RISING = Schedule(name="rising", summary="", factor=lambda progress: progress)
        LOUD = Augmentation(name="loud", summary="", fn=lambda x, generator: x / 0)
    """
    points = {
        "optimizers": {"deaf": "DEAF"},
        "schedules": {"rising": "RISING"},
        "augmentations": {"loud": "LOUD"},
    }
    make_plugin(tmp_path, "recipe-plugin", code, points)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    registry = Registry()
    verdicts = checking.verdicts(registry, checking.entries_of(registry, ["recipe-plugin"]))
    found = {entry.name: fault for entry, fault in verdicts.items()}
    assert found["rising"] == ""
    assert "ignores the learning rate" in found["deaf"]
    assert "not finite" in found["loud"]
