"""Checkpoints: safetensors with the arm and the seed inside; loading one runs no code.

    from cmpnet import checkpoint

    saved = checkpoint.load("ws.safetensors")
    saved.key.label, saved.seed, saved.weights["digits.0.weight"].shape
    net = checkpoint.restore(saved)   # the network itself, ready to predict
    net.wrong().mean(), net.learner.predict("test")["verdict"]

No pickle is involved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from cmpnet import errors, training
from cmpnet.arms import parts_of
from cmpnet.decoding import decode, decode_arm
from cmpnet.errors import CmpnetError
from cmpnet.judging import Judgement, judge
from cmpnet.options import options_of, parse_options
from cmpnet.registry import Registry, blame
from cmpnet.spec import Arm, ArmKey, Bounds, Data, Learner

SCHEMA = 1
Seed = Annotated[int, Bounds(0, 2**32)]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file holds.

    Attributes:
        path: the file.
        key: names and option values of the arm.
        seed: seed of the repeat.
        weights: numpy arrays by name.
    """

    path: Path
    key: ArmKey
    seed: int
    weights: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Restored:
    """A network as it was saved, ready to predict or to train on.

    Attributes:
        arm: the arm, with its records.
        learner: holds the network.
        data: the data of its repeat.
    """

    arm: Arm
    learner: Learner
    data: Data

    def judged(self) -> Judgement:
        """What its outputs for the test part are worth."""
        output = {name: values[0] for name, values in self.learner.predict("test").items()}
        return judge(self.arm, output, self.data.test)

    def wrong(self) -> NDArray[np.bool_]:
        """Which test samples it misclassifies, (N,); none for a task that counts no errors."""
        wrong = self.judged().wrong
        return np.zeros(len(self.data.test.x), bool) if wrong is None else wrong


def to_bytes(weights: Mapping[str, Any], key: ArmKey, seed: int) -> bytes:
    """The weights of one repeat as a safetensors file; its metadata key "cmpnet" is JSON."""
    tensors = {name: np.asarray(value, order="C") for name, value in weights.items()}
    about = {"schema": SCHEMA, "seed": seed, "arm": key.portable().to_json()}
    return bytes(save(tensors, metadata={"cmpnet": json.dumps(about)}))


def load(path: str | Path) -> Checkpoint:
    """Read a checkpoint; no plugin is imported and no name is looked up.

    Raises:
        CmpnetError: the file cannot be read, is damaged, or is not a checkpoint of this cmpnet.
    """
    path = Path(path)
    try:
        with path.open("rb"):  # its error is plainer than that of safetensors
            pass
        with safe_open(path, framework="numpy") as file:
            about = (file.metadata() or {}).get("cmpnet")
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise errors.unreadable_checkpoint(path, error) from None
    if about is None:
        raise errors.foreign_checkpoint(path)
    try:
        content = json.loads(about)
        if content["schema"] != SCHEMA:
            raise errors.other_checkpoint(path, content["schema"], SCHEMA)
        key, seed = decode_arm(content["arm"]), decode(Seed, content["seed"], "seed")
        return Checkpoint(path, key, seed, weights)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, CmpnetError):
            raise
        raise errors.unreadable_checkpoint(path, error) from None


def restore(
    saved: Checkpoint,
    registry: Registry | None = None,
    task_options: Mapping[str, object] | None = None,
) -> Restored:
    """The network with its weights, and the data of its repeat.

    Args:
        saved: what :func:`load` returned.
        registry: where names are looked up; by default all installed plugins.
        task_options: these replace the saved options of the task.

    Raises:
        CmpnetError: a name or an option is unknown here, or the weights do not fit the network.
    """
    try:
        arm = parts_of(saved.key, registry or Registry())
    except CmpnetError as error:
        raise errors.unfit_checkpoint(saved.path, str(error)) from error
    options, given = options_of(arm.task.load), dict(task_options or {})
    for name in given.keys() - options.keys():
        raise errors.unknown_option(name, arm.task.name, options)
    merged = parse_options(options, {**arm.key.task_options, **given})
    arm = replace(arm, key=replace(arm.key, task_options=merged))
    with blame(arm.architecture.name, arm.owners["architecture"]):
        learner, (data,) = training.make_learner(arm, [saved.seed])
        expected = {name: np.asarray(value) for name, value in learner.weights()[0].items()}
        for name in sorted(expected.keys() | saved.weights.keys()):
            reason = _misfit(name, saved.weights, expected)
            if reason:
                raise errors.unfit_checkpoint(saved.path, f"its '{name}' is {reason}.")
        learner.load([saved.weights])
    return Restored(arm, learner, data)


def _misfit(
    name: str, weights: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]]
) -> str:
    if name not in weights:
        return "missing"
    if name not in expected:
        return "not in the network"
    for quality in ("shape", "dtype"):
        saved, own = getattr(weights[name], quality), getattr(expected[name], quality)
        if saved != own:
            return f"of {quality} {saved}, in the network {own}"
    return "" if np.isfinite(weights[name]).all() else "not finite"
