"""The public contract checks: every built-in passes them, and a broken record does not."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cmpnet.registry import Registry
from cmpnet.testing import check_arm, check_task
from tests.helpers import TINY, make_numbers, make_plugin, make_table

REGISTRY = Registry()
SMALL: dict[str, object] = {"pairs": 60, "batch_size": 20}
ARCHITECTURES = [e.name for e in REGISTRY.entries("architecture") if e.owner == "cmpnet"]
LOSSES = [e.name for e in REGISTRY.entries("loss") if e.owner == "cmpnet"]


def small(net: str) -> dict[str, object]:
    """Options that make a network quick to train."""
    tables = {"classes": make_table, "regression": make_numbers}
    if make := tables.get(REGISTRY.architecture(net).task):
        return {"data": make("t.csv"), "batch_size": 20}
    return SMALL


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_keeps_the_contract(name: str) -> None:
    check_arm(name, **small(name))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_keeps_the_contract(name: str) -> None:
    nets = {"logit": "simple", "scores": "linear", "value": "linear-regression"}
    net = nets.get(REGISTRY.loss(name).needs[0], "ws-aux")
    check_arm(f"{net}:{name}", **small(net))


def test_every_task_keeps_the_contract() -> None:
    check_task("digit-pairs", pairs=60)
    check_task("regression", data=make_numbers("t.csv"))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (np.zeros((59, 2), int), "for 60 test samples"),
        (np.zeros((60, 2)), "no integers"),
        (np.full((60, 2), -1), "negative"),
    ],
)
def test_items_of_a_pool_that_are_none_are_named(
    items: np.ndarray, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = replace(REGISTRY.task("digit-pairs"), sampled=lambda seed, **_: items)
    monkeypatch.setattr(Registry, "task", lambda *_: task)
    with pytest.raises(AssertionError, match=message):
        check_task("digit-pairs", pairs=60)


BROKEN = {
    "differs between two predictions": (
        'return {"verdict": self.body(x)}',
        'return {"verdict": self.body(x) + torch.rand(1)}',
    ),
    "'digits' of architecture 'tiny' is missing": ('{"verdict": (2,)}', '{"digits": (2,)}'),
    r"has shape .*; its record promises": ("(2,)", "(3,)"),
    "gives different numbers": (
        "return Net(width)",
        "torch.seed(); return Net(width)",
    ),
    "trained again with the same seed": (
        "return Net(width)",
        "import secrets; torch.manual_seed(secrets.randbits(32)); return Net(width)",
    ),
    "which cmpnet seeds, and from no other": (
        "return Net(width)",
        "import os; torch.manual_seed(int.from_bytes(os.urandom(4), 'big')); return Net(width)",
    ),
    r"trained again with the same seed: draw from": (
        "return Net(width)",
        "import random; torch.manual_seed(random.SystemRandom().getrandbits(32))\n"
        "        return Net(width)",
    ),
    r"numpy\.random\.default_rng\(\) without a seed": (
        "return Net(width)",
        "import numpy; torch.manual_seed(int(numpy.random.default_rng().integers(2**32)))\n"
        "        return Net(width)",
    ),
    "changes no weight": ("self.body(x)}", "self.body(x).detach().requires_grad_()}"),
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_promise_is_named(
    message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = BROKEN[message]
    assert old in TINY
    make_plugin(
        tmp_path, "tiny-plugin", TINY.replace(old, new), {"architectures": {"tiny": "TINY"}}
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("tiny_plugin", "free_plugin"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    loss = "ce" if "digits" not in new else "free"
    if loss == "free":
        code = (
            "from cmpnet import Loss\n"
            "FREE = Loss(name='free', summary='', needs=(),"
            " fn=lambda output, batch: output['verdict'].sum())\n"
        )
        make_plugin(tmp_path, "free-plugin", code, {"losses": {"free": "FREE"}})
    with pytest.raises(AssertionError, match=message):
        check_arm(f"tiny:{loss}", **SMALL)


LEAKY = """
    import numpy as np
    from cmpnet import Data, Split, Task

    def load(seed, *, on: str = "test"):
        train, test, fresh = np.random.default_rng(seed).random((3, 20, 2))
        used = {"test": test, "validation": VALIDATION}[on]
        return Data(*(Split(x, {"target": x[:, 0] > 0.5}) for x in (TRAIN, used)))

    TASK = Task(name="leaky", summary="", load=load, wrong=lambda output, targets: None,
                fingerprint=lambda on="test": on)
"""


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        ("train", "train", "samples that are in both the train and the validation part"),
        ("train if on == 'test' else fresh", "test", "other training samples with on=validation"),
    ],
)
def test_validation_samples_must_not_change_what_is_trained_on(
    train: str, validation: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = LEAKY.replace("TRAIN", train).replace("VALIDATION", validation)
    make_plugin(tmp_path, "leaky-plugin", code, {"tasks": {"leaky": "TASK"}})
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    with pytest.raises(AssertionError, match=message):
        check_task("leaky")
