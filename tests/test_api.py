"""The verbs: train, bench, load and compare, as a script or a notebook calls them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import Architecture, ArmResults, CmpnetError, Loss, RepeatResult, Results, TrainConfig
from cmpnet.events import Epoch, Event, Finished, Planned, Started
from cmpnet.registry import Registry
from tests.helpers import call, variables

SMALL: dict[str, Any] = {"epochs": 1, "pairs": 50}
FLAGS = ("--epochs", "1", "--pairs", "50", "--no-plot", "--quiet")


def build(*, width: int = 3) -> Any:
    """Make a small network of the caller's own."""
    from torch import Tensor, nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(392, width), nn.Linear(width, 2))

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"verdict": self.body(x)}

    return Net()


OWN = Architecture(
    name="own",
    summary="a linear network",
    build=build,
    outputs={"verdict": (2,)},
    task="digit-pairs",
    loss="ce",
    recipe=TrainConfig(batch_size=25),
)


def broken(*, width: int = 3) -> Any:
    """Fail where a network should be made."""
    raise RuntimeError("no network here")


BROKEN = replace(OWN, name="broken", build=broken)


def half_loss(output: Any, batch: Any, *, factor: float = 0.5) -> Any:
    """Weigh the cross entropy."""
    from torch.nn import functional

    return factor * functional.cross_entropy(output["verdict"], batch["target"])


HALF = Loss(name="half", summary="half the cross entropy", fn=half_loss, needs=("verdict",))


def numbers(repeat: RepeatResult) -> dict[str, Any]:
    """Everything of a repeat except its time."""
    return {k: v for k, v in asdict(repeat).items() if k != "seconds"}


def numbers_of(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Everything of every repeat except its time, by label, in the order of the seeds."""
    return {
        arm.label: [numbers(arm.repeats[seed]) for seed in sorted(arm.repeats)]
        for arm in results.arms
    }


def sentence_of(verb: Any, *arguments: Any, **options: Any) -> str:
    """The sentence with which a verb refuses a call; nothing is trained."""
    with pytest.raises(CmpnetError) as caught:
        verb(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- train ----------------------------------------------------------------------------------------


def test_train_returns_results_with_one_arm_and_one_repeat() -> None:
    results = cmpnet.train("ws-aux", alpha=0.75, seed=4, **SMALL)
    (arm,) = results.arms
    assert (arm.label, list(arm.repeats), arm.stored) == ("ws-aux[alpha=0.75]", [4], 0)
    assert (arm.repeats[4].status, arm.repeats[4].test_samples) == ("ok", 50)
    assert results.sections[0].title == "ws-aux[alpha=0.75], seed 4, 1 epoch"
    assert not results.failed


def test_train_and_bench_give_the_same_bits_as_the_command_line() -> None:
    trained = cmpnet.train("ws-aux", seed=1, store="one", **SMALL)
    benched = cmpnet.bench(["baseline", "ws-aux"], repeats=2, store="two", **SMALL)
    done = call(*("bench", "baseline", "ws-aux", "--repeats", "2", *FLAGS, "--store", "three"),
                "--export-json", "cli.json")  # fmt: skip
    assert done.returncode == 0, done.output
    exported = {
        arm["name"]: [{k: v for k, v in r.items() if k != "seconds"} for r in arm["repeats"]]
        for arm in json.loads(Path("cli.json").read_text())["arms"]
    }
    assert numbers_of(benched) == exported
    assert numbers(trained.arms[0].repeats[1]) == exported["ws-aux"][1]


def test_a_repeat_that_the_store_has_is_not_trained_again() -> None:
    first = cmpnet.train("ws", **SMALL)
    again = cmpnet.train("ws", **SMALL)
    fresh = cmpnet.train("ws", fresh=True, **SMALL)
    assert [results.arms[0].stored for results in (first, again, fresh)] == [0, 1, 0]
    assert first.arms[0].repeats == again.arms[0].repeats, "the time is that of the training"
    assert numbers_of(fresh) == numbers_of(first)


def test_train_saves_the_weights_even_if_the_store_has_the_repeat() -> None:
    from cmpnet import checkpoint

    cmpnet.train("ws", **SMALL)
    (arm,) = cmpnet.train("ws", save=Path("ws.safetensors"), **SMALL).arms
    wrong = checkpoint.restore(checkpoint.load("ws.safetensors")).wrong()
    assert wrong.nonzero()[0].tolist() == arm.repeats[0].mistakes


def test_a_network_that_fails_is_a_result_and_not_an_exception() -> None:
    results = cmpnet.train(BROKEN, **SMALL)
    (repeat,) = results.arms[0].repeats.values()
    assert results.failed
    assert (repeat.status, repeat.cause.splitlines()[0]) == (
        "failed",
        "RuntimeError: no network here",
    )


# -- bench ----------------------------------------------------------------------------------------


def test_bench_trains_names_and_records_side_by_side() -> None:
    wide = cmpnet.bench([OWN, "baseline"], repeats=2, width=5, **SMALL)
    assert [arm.label for arm in wide.arms] == ["own[width=5]", "baseline"]
    assert [repeat.parameters for repeat in wide.arms[0].ok()] == 2 * [393 * 5 + 6 * 2]
    assert wide.arms[0].key.config.batch_size == 25
    assert wide.arms[0].key.config.epochs == 1


def test_one_arm_may_be_given_without_a_list() -> None:
    assert [arm.label for arm in cmpnet.bench("baseline", repeats=1, **SMALL).arms] == ["baseline"]
    assert [arm.label for arm in cmpnet.bench(OWN, repeats=1, **SMALL).arms] == ["own"]


def test_a_record_is_kept_in_the_store_under_its_own_code() -> None:
    first = cmpnet.bench([OWN], repeats=2, **SMALL)
    again = cmpnet.bench([OWN], repeats=2, **SMALL)
    assert [results.arms[0].stored for results in (first, again)] == [0, 2]
    assert len(first.arms[0].code["own"]) == 12
    other = replace(OWN, build=lambda *, width=3: build(width=width))
    assert cmpnet.bench([other], repeats=2, **SMALL).arms[0].stored == 0, "another network"


def test_a_record_never_takes_the_results_or_figures_of_the_name_it_uses() -> None:
    builtin = cmpnet.bench(["baseline"], repeats=1, **SMALL)
    impostor = cmpnet.bench([replace(OWN, name="baseline")], repeats=1, **SMALL)
    assert impostor.arms[0].stored == 0
    assert impostor.arms[0].repeats[0].parameters != builtin.arms[0].repeats[0].parameters
    full = replace(OWN, name="baseline", build=broken, recipe=TrainConfig())
    assert cmpnet.bench([full], repeats=1).arms[0].reported is None


def test_two_different_records_of_one_name_cannot_be_compared() -> None:
    sentence = sentence_of(cmpnet.bench, [replace(OWN, name="ws"), "ws"], **SMALL)
    assert sentence == "two different records are called 'ws'; each needs its own name."
    sentence = sentence_of(cmpnet.bench, [OWN, replace(OWN, summary="another")], **SMALL)
    assert "'own' is given twice" in sentence


def test_a_loss_of_ones_own_trains_the_arms_that_name_none() -> None:
    results = cmpnet.bench(["ws", "ws:ce"], loss=HALF, factor=1.0, repeats=1, **SMALL)
    half, plain = results.arms
    assert (half.label, plain.label) == ("ws:half[factor=1]", "ws")
    assert half.key.loss_options == {"factor": 1.0}
    assert numbers(half.repeats[0]) == numbers(plain.repeats[0]), "at factor 1 it is ce"


def test_a_sweep_gives_one_arm_per_value() -> None:
    for sweep in ({"alpha": [0, 0.5]}, {"alpha": "0,0.5"}):
        results = cmpnet.bench(["baseline", "ws-aux"], sweep=sweep, repeats=1, **SMALL)
        labels = ["baseline", "ws-aux[alpha=0]", "ws-aux[alpha=0.5]"]
        assert [arm.label for arm in results.arms] == labels
    own = cmpnet.bench([OWN], sweep={"width": (1, 2)}, repeats=1, seed=0, **SMALL)
    assert [arm.repeats[0].parameters for arm in own.arms] == [393 + 4, 2 * 393 + 6]


def test_a_bench_without_arms_is_a_suite() -> None:
    results = cmpnet.bench(repeats=1, **SMALL)
    assert [arm.label for arm in results.arms] == ["baseline", "ws", "ws-aux"]
    assert results.sections[0].suite == "table3"
    assert [verdict.verdict for verdict in results.claims] == 6 * ["not judged"]
    assert "1 of 25 epochs" in results.claims[0].deviation


def test_a_suite_may_be_a_path() -> None:
    Path("mine.toml").write_text('title = "t"\n[[arm]]\narm = "ws"\n')
    results = cmpnet.bench(suite=Path("mine.toml"), repeats=1, **SMALL)
    assert [arm.label for arm in results.arms] == ["ws"]


def test_the_reference_is_the_first_arm_or_the_one_that_is_named() -> None:
    arms = ["baseline", "ws", "ws-plain"]
    default = cmpnet.bench(arms, repeats=2, **SMALL)
    named = cmpnet.bench(arms, repeats=2, reference="ws", **SMALL)
    assert [row.reference for row in default.compare()] == ["baseline", "baseline"]
    assert [(row.arm, row.reference) for row in named.compare()] == [
        ("baseline", "ws"),
        ("ws-plain", "ws"),
    ]
    started: list[Event] = []
    sentence = sentence_of(cmpnet.bench, arms, reference="wss", on_event=started.append, **SMALL)
    assert "no arm 'wss'" in sentence
    assert not started, "it is refused before anything is trained"


def test_fail_fast_stops_at_the_first_failure() -> None:
    arms = [BROKEN, OWN]
    stopped = cmpnet.bench(arms, repeats=5, fail_fast=True, workers=1, **SMALL)
    assert stopped.failed
    assert sum(len(arm.repeats) for arm in stopped.arms) < 10
    going_on = cmpnet.bench(arms, repeats=5, **SMALL)
    assert [len(arm.repeats) for arm in going_on.arms] == [5, 5]
    assert [len(arm.ok()) for arm in going_on.arms] == [0, 5]


def test_every_event_is_reported_in_order() -> None:
    events: list[Event] = []
    cmpnet.bench(["ws", OWN], repeats=2, epochs=2, pairs=50, workers=1, on_event=events.append)
    assert isinstance(events[0], Planned)
    planned = [(key.label, key.config.epochs) for key in events[0].arms]
    assert (planned, events[0].seeds) == ([("ws", 2), ("own", 2)], (0, 1))
    for arm, seed in ((0, 0), (1, 0), (0, 1), (1, 1)):
        started = events.index(Started(arm, (seed,)))
        (finished,) = (
            n
            for n, event in enumerate(events)
            if isinstance(event, Finished) and (event.arm, event.result.seed) == (arm, seed)
        )
        epochs = [
            event.epoch
            for event in events[started:finished]
            if isinstance(event, Epoch) and (event.arm, event.seed) == (arm, seed)
        ]
        assert epochs == [1, 2]
    assert len(events) == 1 + 4 * (1 + 2 + 1)
    again: list[Event] = []
    cmpnet.bench(["ws", OWN], repeats=2, epochs=2, pairs=50, on_event=again.append)
    assert [event.stored for event in again if isinstance(event, Finished)] == 4 * [True]


def test_an_exception_of_a_listener_ends_the_call_and_leaves_the_store_whole() -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Finished):
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        cmpnet.bench(["ws"], repeats=3, workers=1, on_event=stop, **SMALL)
    assert cmpnet.bench(["ws"], repeats=3, **SMALL).arms[0].stored >= 1


# -- wrong calls ----------------------------------------------------------------------------------

WRONG: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "repeats is 'x'; it must be a whole number from 1 to 100000": (["ws"], {"repeats": "x"}),
    "repeats is 0; it must be a whole number from 1 to 100000": (["ws"], {"repeats": 0}),
    "repeats is 2.5; it must be a whole number": (["ws"], {"repeats": 2.5}),
    "seed is -1; it must be a whole number from 0": (["ws"], {"seed": -1}),
    "workers is 0; it must be a whole number from 1 to 1024": (["ws"], {"workers": 0}),
    "workers is 'two'; it must be a whole number": (["ws"], {"workers": "two"}),
    "epochs is 0; it must be a whole number from 1 to 100000": (["ws"], {"epochs": 0}),
    "epochs is None; it must be": (["ws"], {"epochs": None}),
    "lr is nan; it must be a number from 1e-12": (["ws"], {"lr": math.nan}),
    "alpha is [1]; it must be a number from 0 to 1": (["ws-aux"], {"alpha": [1]}),
    "There is no optimizer 'sdg'. Did you mean 'sgd'": (["ws"], {"optimizer": "sdg"}),
    "'device' is": (["ws"], {"device": "tpu"}),
    "store is 3; it must be the path of a folder": (["ws"], {"store": 3}),
    "fresh is 'yes'; it must be True or False": (["ws"], {"fresh": "yes"}),
    "fail_fast is 1; it must be True or False": (["ws"], {"fail_fast": 1}),
    "executor is 3; it must be a name": (["ws"], {"executor": 3}),
    "loss is 3; it must be the name of a loss": (["ws"], {"loss": 3}),
    "reference is 1; it must be the label of an arm": (["ws"], {"reference": 1}),
    "disabled is 'minidl'; it must be a list of names": (["ws"], {"disabled": "minidl"}),
    "on_event is None; it must be a function": (["ws"], {"on_event": None}),
    "sweep is ['alpha=1']; it must be a mapping": (["ws-aux"], {"sweep": ["alpha=1"]}),
    "'alpha=' is not a valid sweep": (["ws-aux"], {"sweep": {"alpha": []}}),
    "'alpha' is given twice": (["ws-aux"], {"sweep": {"alpha": [1]}, "alpha": 0}),
    "arms is an empty list": ([], {}),
    "'3' is not a valid arm": ([3], {}),
    "--suite table3 names its own arms; leave out own": ([OWN], {"suite": "table3"}),
    "There is no suite 'nothing'": (None, {"suite": "nothing"}),  # type: ignore[dict-item]
    "is given twice": (["ws", "ws"], {}),
    "'own' raised ValueError: its option 'width' has no default": (
        [replace(OWN, build=lambda *, width: build(width=width))],
        {},
    ),
    "raised ValueError: its name is 'a[b]'; it must not begin with": (
        [replace(OWN, name="a[b]")],
        {},
    ),
    "raised ValueError: its 'name' is '\\x1b[31m'; it must be a line of text": (
        [replace(OWN, name="\x1b[31m")],
        {},
    ),
    "'own' raised ValueError: its 'outputs' 'verdict' is 2; it must be a list": (
        [replace(OWN, outputs={"verdict": 2})],  # type: ignore[dict-item]
        {},
    ),
    "its option 'sizes' has the type set, which cannot be typed": (
        [replace(OWN, build=lambda *, sizes={1, 2}: build())],
        {},
    ),
    "its 'build' is None; it must be a function": (
        [replace(OWN, build=None)],  # type: ignore[arg-type]
        {},
    ),
    "cannot be used: ModuleNotFoundError: No module named 'nowhere'": (
        [replace(OWN, learner="nowhere:Learner")],
        {},
    ),
    "'half' raised ValueError: its 'needs' is 'verdict'; it must be a list": (
        ["ws"],
        {"loss": replace(HALF, needs="verdict")},  # type: ignore[arg-type]
    ),
    "its 'recipe': 'epochs' is 0; it must be": (
        [replace(OWN, recipe=TrainConfig(epochs=0))],
        {},
    ),
    "There is no task 'nothing'": ([replace(OWN, task="nothing")], {}),
    "'own' raised ValueError: it is made for version 1": ([replace(OWN, api_version=1)], {}),
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_call_is_refused_in_one_sentence_before_training(message: str) -> None:
    arms, options = WRONG[message]
    events: list[Event] = []
    shown = sentence_of(cmpnet.bench, arms, **{"on_event": events.append, **options})
    assert message.replace("'device' is", "Device 'tpu' cannot be used") in shown
    assert not events
    assert not Path(".cmpnet").exists()


def test_an_error_is_also_of_the_standard_type() -> None:
    for options in ({"repeats": "x"}, {"epochs": 0}, {"store": 3}):
        with pytest.raises(ValueError, match="it must be"):
            cmpnet.bench(["ws"], **options)
    for name in ("wss", "ws:cee", "ws[hiden=3]"):
        with pytest.raises(LookupError, match="Did you mean"):
            cmpnet.bench([name])
    with pytest.raises(FileNotFoundError, match="does not exist"):
        cmpnet.bench(["ws"], data_dir="nowhere")
    with pytest.raises(FileNotFoundError, match="cannot be read"):
        cmpnet.load("nowhere.json")


def test_an_unknown_keyword_is_refused_as_an_option_that_no_arm_has() -> None:
    sentence = sentence_of(cmpnet.bench, ["baseline", "ws"], epoch=3)
    assert "None of these arms has an option 'epoch': baseline, ws" in sentence
    assert sentence == sentence_of(cmpnet.bench, ["baseline", "ws"], epoch="3")
    assert "has an option 'epoch': ws" in sentence_of(cmpnet.train, "ws", epoch=3)
    for name in ("sweep", "reference", "workers"):
        assert f"has an option '{name}': ws" in sentence_of(cmpnet.train, "ws", **{name: "ws"})


@pytest.mark.parametrize(
    ("arguments", "arms", "options"),
    [
        (["wsaux"], ["wsaux"], {}),
        (["ws[hiden=3]"], ["ws[hiden=3]"], {}),
        (["ws:bce"], ["ws:bce"], {}),
        (["ws", "ws"], ["ws", "ws"], {}),
        (["ws", "-o", "hidden=0"], ["ws"], {"hidden": "0"}),
        (["ws", "-o", "epoch=3"], ["ws"], {"epoch": "3"}),
        (["ws", "--data-dir", "nowhere"], ["ws"], {"data_dir": "nowhere"}),
        (["ws", "--reference", "wss"], ["ws"], {"reference": "wss"}),
        (["--suite", "nothing"], None, {"suite": "nothing"}),
        (["ws", "--suite", "table3"], ["ws"], {"suite": "table3"}),
        (["ws", "--executor", "nothing"], ["ws"], {"executor": "nothing"}),
        (["ws", "--sweep", "alpha=1"], ["ws"], {"sweep": {"alpha": [1]}}),
        (["ws", "--loss", "nothing"], ["ws"], {"loss": "nothing"}),
    ],
)
def test_the_sentence_is_that_of_the_command_line(
    arguments: list[str], arms: list[str] | None, options: dict[str, Any]
) -> None:
    done = call("bench", *arguments, "--quiet", "--no-plot")
    assert done.returncode == 2
    assert done.stderr == f"Error: {sentence_of(cmpnet.bench, arms, **options)}\n"


def test_a_wrong_train_is_refused_in_one_sentence() -> None:
    assert "--save takes a file, not '-'" in sentence_of(cmpnet.train, "ws", save="-")
    assert "is not a valid arm" in sentence_of(cmpnet.train, ["ws"])
    assert "seed is 'x'; it must be" in sentence_of(cmpnet.train, "ws", seed="x")
    with pytest.raises(OSError, match="Cannot write the checkpoint"):
        cmpnet.train("ws", save="nowhere/ws.safetensors")


# -- load and compare -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a bench of two arms, and an export of it beside the store."""
    folder = tmp_path_factory.mktemp("stored") / "store"
    results = cmpnet.bench(["baseline", "ws"], repeats=2, store=folder, **SMALL)
    results.save(folder.parent / "x.json")
    cmpnet.bench(["ws", "ws-plain"], repeats=2, store=folder, **SMALL)
    return folder


def test_load_reads_the_last_bench_of_a_store(store: Path) -> None:
    for results in (cmpnet.load(store), cmpnet.load(str(store)), cmpnet.load(store=store)):
        assert [arm.label for arm in results.arms] == ["ws", "ws-plain"]
        assert results.source.startswith("run ")
        assert {row.reference for row in results.compare()} == {"ws"}


def test_load_reads_arms_runs_and_exports_by_name(store: Path) -> None:
    run = cmpnet.load("baseline", store=store).source.split()[1].rstrip(",")
    assert [arm.label for arm in cmpnet.load(run, store=store).arms] == ["baseline", "ws"]
    assert [arm.label for arm in cmpnet.load(run[:6], store=store).arms] == ["baseline", "ws"]
    (arm,) = cmpnet.load("ws-plain", store=store).arms
    assert (arm.label, sorted(arm.repeats)) == ("ws-plain", [0, 1])
    exported = cmpnet.load(store.parent / "x.json")
    assert exported.source == "x.json"
    assert [arm.label for arm in exported.arms] == ["baseline", "ws"]
    merged = cmpnet.load(store=store, all_runs=True)
    assert sorted(arm.label for arm in merged.arms) == ["baseline", "ws", "ws-plain"]


def test_loaded_results_are_those_that_were_benched(store: Path) -> None:
    fresh = cmpnet.bench(["baseline", "ws"], repeats=2, store="another", **SMALL)
    assert numbers_of(cmpnet.load("another")) == numbers_of(fresh)
    assert numbers_of(cmpnet.load(store.parent / "x.json")) == numbers_of(fresh)


def test_results_of_a_record_are_loaded_without_the_record(store: Path) -> None:
    cmpnet.bench([OWN, "baseline"], repeats=2, **SMALL)
    assert [arm.label for arm in cmpnet.load().arms] == ["own", "baseline"]
    assert "own" in str(cmpnet.load())


def test_load_refuses_what_does_not_exist(store: Path) -> None:
    assert "has no results" in sentence_of(cmpnet.load)
    assert not Path(".cmpnet").exists(), "reading creates no store"
    assert "no arm and no run 'wss'" in sentence_of(cmpnet.load, "wss", store=store)
    assert "cannot be read" in sentence_of(cmpnet.load, "nowhere.json")


def test_compare_pairs_the_arms_that_are_named(store: Path) -> None:
    results = cmpnet.compare("ws", "ws-plain", store=store)
    (row,) = results.compare()
    assert (row.arm, row.reference, row.comparison.n) == ("ws-plain", "ws", 2)
    differences = [
        plain - ws for ws, plain in zip(*(arm.test_errors() for arm in results.arms), strict=True)
    ]
    assert row.comparison.difference == pytest.approx(sum(differences) / 2)


def test_load_and_compare_take_option_values(store: Path) -> None:
    cmpnet.bench("baseline", repeats=2, store=store, epochs=2, pairs=50)
    (arm,) = cmpnet.load("baseline", store=store, where={"epochs": 2}).arms
    assert arm.key.config.epochs == 2
    assert arm.protocol.epochs == 2
    mixed = cmpnet.compare("baseline[epochs=2]", "baseline[epochs=1]", store=store)
    assert [arm.label for arm in mixed.arms] == ["baseline (2 epochs)", "baseline (1 epoch)"]
    newest = cmpnet.load("baseline", store=store)
    assert "left out: 1 epoch" in newest.left_out
    assert newest.left_out in newest.advice()
    with pytest.raises(CmpnetError, match="where is 'epochs=2'; it must be a mapping"):
        cmpnet.load(store=store, where="epochs=2")  # type: ignore[arg-type]


def test_compare_pairs_two_benches_arm_by_arm(store: Path) -> None:
    cmpnet.bench(["baseline", "ws"], repeats=2, store="other", lr=0.05, **SMALL)
    results = cmpnet.compare(store.parent / "x.json", "baseline", "ws", store="other")
    labels = [arm.label for arm in results.arms]
    assert labels[:2] == ["baseline", "ws"]
    assert [(row.arm, row.reference) for row in results.compare()] == [
        (labels[2], "baseline"),
        (labels[3], "ws"),
    ]
    assert [label.partition(" (")[0] for label in labels[2:]] == labels[:2]


def test_compare_refuses_a_single_arm_and_arms_of_different_data(store: Path) -> None:
    assert "only one arm" in sentence_of(cmpnet.compare, "ws-plain", store=store)
    cmpnet.bench(["ws"], repeats=2, store="other", epochs=1, pairs=40).save("other.json")
    sentence = sentence_of(cmpnet.compare, store.parent / "x.json", "other.json")
    assert "cannot be compared with" in sentence


# -- the package ----------------------------------------------------------------------------------


def test_importing_cmpnet_imports_no_framework() -> None:
    code = (
        "import sys, cmpnet; cmpnet.TrainConfig; cmpnet.Architecture; dir(cmpnet);"
        "sys.exit(str({'torch', 'numpy', 'scipy', 'typer', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables(), capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "set()"


def test_every_public_name_can_be_imported_and_is_documented() -> None:
    assert sorted(cmpnet.__all__) == cmpnet.__all__ == dir(cmpnet)
    for name in cmpnet.__all__:
        assert getattr(cmpnet, name).__doc__, name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        cmpnet.nothing  # noqa: B018


SCRIPT = """
import cmpnet, torch

class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(392, 2))
        self.width = width

    def forward(self, x):
        return {"verdict": self.body(x)}

def build(*, width: int = 3):
    return Net(width)

OWN = cmpnet.Architecture(name="own", summary="", build=build, outputs={"verdict": (2,)},
                          task="digit-pairs", loss="ce")
results = cmpnet.bench([OWN, "baseline"], repeats=2, epochs=1, pairs=50, workers=2)
print([(arm.label, len(arm.ok()), arm.stored) for arm in results.arms])
"""


def test_a_script_needs_no_main_guard_and_resumes_its_own_networks() -> None:
    Path("script.py").write_text(SCRIPT)
    for stored in (0, 2):
        done = subprocess.run(
            [sys.executable, "script.py"],
            env={**variables(), "PYTHONWARNINGS": "error,ignore::ResourceWarning"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout == f"[('own', 2, {stored}), ('baseline', 2, {stored})]\n"


def test_registered_records_can_be_passed_as_they_are() -> None:
    registry = Registry()
    record = replace(registry.architecture("ws"), name="mine", loss="half")
    results: list[ArmResults] = cmpnet.bench([record, "ws"], loss=HALF, repeats=1, **SMALL).arms
    assert [arm.label for arm in results] == ["mine", "ws:half"]
    assert numbers(results[0].repeats[0]) == numbers(results[1].repeats[0])
