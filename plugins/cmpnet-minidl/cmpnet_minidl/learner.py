"""The learner that trains minidl networks in cmpnet: R repeats as one stacked network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minidl import Loss, MinidlError, Module

PREDICT_BATCH = 500  # samples per forward pass in evaluation: activations stay in the caches
WEIGHTS = 1  # stream of a repeat's seed for weights and dropout (0: data, 2: order)


class LayerRow(NamedTuple):
    """One layer, with the fields of ``cmpnet.Layer``.

    Attributes:
        name: its place in the network.
        kind: its type.
        shape: output shape of one sample.
        parameters: its own trainable parameters.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


class MinidlLearner:
    """Trains R repeats of a minidl network side by side; see :class:`cmpnet.Learner`.

    The architecture's ``build`` returns a :class:`minidl.Module`. The loss's ``fn`` returns a
    :class:`minidl.Loss`, which is given the targets named "target". The optimizer's ``make`` is
    given the network. The weights of repeat r and the
    random numbers of its dropout depend on seed r only. A repeat whose loss is no longer finite
    keeps running and does not affect the others.

    Args:
        arm: the resolved ``cmpnet.Arm``.
        datasets: R data sets.
        seeds: R seeds.

    Raises:
        MinidlError: the device is not the CPU.
    """

    backend = "minidl"
    side_by_side = True
    devices = ("cpu",)
    gives = ()  # a minidl.Loss is given the output and the target alone

    def __init__(self, arm: Any, datasets: Sequence[Any], seeds: Sequence[int]) -> None:
        if arm.config.device != "cpu":
            raise MinidlError(f"minidl runs on the CPU only, not on '{arm.config.device}'.")
        self.net: Module = arm.build(datasets[0].info)
        self.net.draw([np.random.default_rng([seed, WEIGHTS]) for seed in seeds])
        self.loss: Loss = arm.loss.fn(**arm.key.loss_options)
        self.update = arm.optimizer.make(self.net, **arm.config.optimizer_options)
        (self.output,) = arm.architecture.outputs
        self.repeats = len(seeds)
        self.x = {
            part: np.stack([_flatten(getattr(data, part).x) for data in datasets])
            for part in ("train", "test")
        }
        # The training samples of all repeats are concatenated, so a step needs a single `take`.
        samples = self.x["train"].shape[1]
        self._first = np.arange(self.repeats)[:, None] * samples
        self._x = self.x["train"].reshape(self.repeats * samples, -1)
        self._target = np.concatenate([data.train.targets["target"] for data in datasets])
        if len(self.loss.target_shape((1, 1))) > self._target.ndim:
            self._target = self._target[:, None].astype(self._x.dtype)
        assert self.net.flat is not None  # the optimizer has checked it
        self.parameters = self.net.flat.value.shape[-1]

    def step(self, rows: NDArray[np.int64], *, lr: float, progress: float) -> NDArray[Any]:
        """Take one optimizer step.

        Args:
            rows: indices of the training samples (R, B).
            lr: learning rate of this step.
            progress: not used.

        Returns:
            The losses before the step (R,).
        """
        indices = rows + self._first
        x, target = self._x.take(indices, 0), self._target.take(indices, 0)
        with np.errstate(all="ignore"):
            loss = self.loss.forward(self.net.forward(x), target)
            self.net.zero_grad()
            self.net.backward(self.loss.backward())
            self.update(lr)
        return loss

    def predict(self, part: Literal["train", "test"]) -> Mapping[str, NDArray[Any]]:
        """Outputs for a whole part in evaluation mode, (R, N, ...)."""
        x = self.x[part]
        self.net.train(False)
        with np.errstate(all="ignore"):
            outputs = [
                self.net.forward(x[:, start : start + PREDICT_BATCH])
                for start in range(0, x.shape[1], PREDICT_BATCH)
            ]
        self.net.train()
        return {self.output: np.concatenate(outputs, 1)}

    def weights(self) -> list[dict[str, NDArray[Any]]]:
        """The parameters and running means of each repeat, by name."""
        state = self.net.state()
        return [{name: value[r] for name, value in state.items()} for r in range(self.repeats)]

    def load(self, weights: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Set the weights to what :meth:`weights` returned."""
        for name, value in self.net.state().items():
            for r, repeat in enumerate(weights):
                value[r] = repeat[name]

    def layers(self) -> list[LayerRow]:
        """The layers of one repeat's network in the order in which they run."""
        x: NDArray[Any] = self.x["test"][:, :1]
        rows = []
        self.net.train(False)
        for layer in self.net.leaves():
            x = layer.forward(x)
            size = 0 if layer.flat is None else layer.flat.value.shape[-1]
            name = layer.place.removeprefix("layer ")
            rows.append(LayerRow(name, type(layer).__name__, x.shape[2:], size))
        self.net.train()
        return rows


def _flatten(x: NDArray[Any]) -> NDArray[Any]:
    """Inputs (N, ...) as (N, features)."""
    return x.reshape(len(x), -1)
