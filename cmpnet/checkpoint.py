"""Checkpoints: safetensors with the arm and the seed inside; loading one runs no code.

    from cmpnet import checkpoint
    from cmpnet.registry import Registry

    saved = checkpoint.load("ws.safetensors")
    saved.arm.label, saved.seed, saved.weights["digits.0.weight"].shape
    net = checkpoint.restore(saved, Registry())   # the net itself, ready to predict
    net.wrong().mean(), net.learner.predict("test")["verdict"]

There is no pickle in the file or on the way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from cmpnet import errors, train
from cmpnet.arms import Parts, load_parts, part_options, set_options
from cmpnet.errors import CmpnetError, file_errors
from cmpnet.records import arm_from, check
from cmpnet.registry import Registry
from cmpnet.spec import Arm, Data, Learner, TrainConfig

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file holds: the weights by name, the arm they belong to, and its repeat's seed."""

    path: Path
    arm: Arm
    seed: int
    weights: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Restored:
    """A net as it was saved, ready to predict or to train on, and the data of its repeat."""

    parts: Parts
    learner: Learner
    data: Data

    def wrong(self) -> NDArray[np.bool_]:
        """Which test samples it misjudges, (N,)."""
        output = {name: values[0] for name, values in self.learner.predict("test").items()}
        return np.asarray(self.parts.task.wrong(output, self.data.test.targets))


def to_bytes(weights: Mapping[str, Any], arm: Arm, seed: int) -> bytes:
    """The weights of one repeat as a safetensors file; its metadata key "cmpnet" is JSON."""
    tensors = {name: np.asarray(value, order="C") for name, value in weights.items()}
    content = asdict(arm)
    content["task_options"].pop("data_dir", None)  # no path goes into a file that travels
    about = {"schema": SCHEMA, "seed": seed, "arm": content}
    return bytes(save(tensors, metadata={"cmpnet": json.dumps(about)}))


def load(path: str | Path) -> Checkpoint:
    """Read a checkpoint; no plugin is imported, no name looked up.

    Raises:
        CmpnetError: the file cannot be read, is damaged, or is no checkpoint of this cmpnet's.
    """
    path = Path(path)
    try:
        with path.open("rb"):  # says more plainly what safetensors would
            pass
        with safe_open(path, framework="numpy") as file:
            about = (file.metadata() or {}).get("cmpnet")
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise file_errors.unreadable_checkpoint(path, error) from None
    if about is None:
        raise file_errors.foreign_checkpoint(path)
    try:
        content = json.loads(about)
        if content["schema"] != SCHEMA:
            raise file_errors.other_checkpoint(path, content["schema"], SCHEMA)
        arm, seed = arm_from(content["arm"]), content["seed"]
        check("seed", seed, int)
        if not 0 <= seed <= 2**32:
            raise ValueError(f"seed is {seed}")
        return Checkpoint(path, arm, seed, weights)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise file_errors.unreadable_checkpoint(path, error) from None


def restore(
    saved: Checkpoint, registry: Registry, task_options: Mapping[str, str] | None = None
) -> Restored:
    """The net with its weights, and the data of its repeat; ``task_options`` replace the saved.

    Raises:
        CmpnetError: a name or an option is unknown here, or the weights do not fit the net.
    """
    try:
        parts = load_parts(registry, saved.arm.architecture, saved.arm.loss)
        arm = _checked(saved.arm, parts)
        if arm.task != parts.task.name:
            raise errors.other_task(arm.architecture, parts.task.name, arm.task)
    except CmpnetError as error:
        raise file_errors.unfit_checkpoint(saved.path, str(error)) from error
    _, used = set_options({"task": part_options(parts)["task"]}, task_options or {})
    for name in (task_options or {}).keys() - used.keys():
        raise errors.unused_option(name, [arm.label])
    given = {name: value for name, (_, value) in used.items()}
    arm = replace(arm, task_options={**arm.task_options, **given})
    with registry.blame(registry.find("architecture", arm.architecture)):
        learner, (data,) = train.make_learner(parts, arm, [saved.seed])
        expected = {name: np.shape(value) for name, value in learner.weights()[0].items()}
        for name in sorted(expected.keys() | saved.weights.keys()):
            reason = _misfit(name, saved.weights, expected)
            if reason:
                raise file_errors.unfit_checkpoint(saved.path, f"its '{name}' is {reason}.")
        learner.load([saved.weights])
    return Restored(parts, learner, data)


def _misfit(
    name: str, weights: Mapping[str, NDArray[Any]], expected: Mapping[str, tuple[int, ...]]
) -> str:
    if name not in weights:
        return "missing"
    if name not in expected:
        return "not in the net"
    if weights[name].shape != expected[name]:
        return f"of shape {weights[name].shape}, in the net {expected[name]}"
    return "" if np.isfinite(weights[name]).all() else "not finite"


def _checked(arm: Arm, parts: Parts) -> Arm:
    """The arm with every option as if it was typed; on the CPU."""
    given = {
        f"{part}.{name}": value
        for part, options in {
            "architecture": arm.architecture_options,
            "loss": arm.loss_options,
            "task": arm.task_options,
            "training": {**asdict(arm.config), "device": "cpu"},
        }.items()
        for name, value in options.items()
    }
    known = part_options(parts)
    values, used = set_options(known, given)
    for key in given.keys() - used.keys():
        part, _, name = key.partition(".")
        raise errors.unknown_option(name, arm.label, known[part])
    return replace(
        arm,
        architecture_options=values["architecture"],
        loss_options=values["loss"],
        task_options=values["task"],
        config=TrainConfig(**values["training"]),
    )
