"""The seam between cmpnet's training loop and minidl: R repeats as one stacked network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minidl import SGD, Adam, Loss, MinidlError, Module, Optimizer

PREDICT_BATCH = 500  # samples a forward pass in evaluation: activations stay in the caches
WEIGHTS = 1  # stream of a repeat's seed that weights and dropout come from (0: data, 2: order)

OPTIMIZERS: Mapping[str, Callable[[Module, float], Optimizer]] = {
    "sgd": SGD,
    "momentum": lambda net, lr: SGD(net, lr, momentum=0.9),
    "adam": Adam,
    "adamw": lambda net, lr: Adam(net, lr, decay=0.01),
}


class Row(NamedTuple):
    """One layer as ``cmpnet show`` lists it: the fields of cmpnet's own record."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


class MinidlLearner:
    """R repeats of a minidl network side by side, as :class:`cmpnet.Learner` describes it.

    The architecture's ``build`` makes a :class:`minidl.Module`, the loss's ``fn`` a
    :class:`minidl.Loss` for the targets called "target". Repeat r's weights, and what dropout
    draws, come from seed r alone. A repeat whose loss is no longer finite goes on as it is, beside
    the others, which do not notice.
    """

    side_by_side = True
    devices = ("cpu",)

    def __init__(
        self,
        architecture: Any,
        loss: Any,
        arm: Any,
        datasets: Sequence[Any],
        seeds: Sequence[int],
    ) -> None:
        if arm.config.device != "cpu":
            raise MinidlError(f"minidl computes on the CPU alone, not on '{arm.config.device}'.")
        self.net: Module = architecture.build(**arm.architecture_options)
        self.net.draw([np.random.default_rng([seed, WEIGHTS]) for seed in seeds])
        self.loss: Loss = loss.fn(**arm.loss_options)
        self.optimizer = OPTIMIZERS[arm.config.optimizer](self.net, arm.config.lr)
        (self.output,) = architecture.gives
        self.repeats = len(seeds)
        self.x = {
            part: np.stack([_samples(getattr(data, part).x) for data in datasets])
            for part in ("train", "test")
        }
        # Training samples of all repeats one after another: a step's are then one `take`.
        samples = self.x["train"].shape[1]
        self._first = np.arange(self.repeats)[:, None] * samples
        self._x = self.x["train"].reshape(self.repeats * samples, -1)
        self._target = np.concatenate([data.train.targets["target"] for data in datasets])
        if len(self.loss.target_shape((1, 1))) > self._target.ndim:
            self._target = self._target[:, None].astype(self._x.dtype)
        assert self.net.flat is not None  # an optimizer was made for it
        self.parameters = self.net.flat.value.shape[-1]

    def step(self, rows: NDArray[np.int64], *, lr: float, progress: float) -> NDArray[Any]:
        """One optimizer step on the training samples ``rows`` (R, B); the losses before it (R,)."""
        chosen = rows + self._first
        x, target = self._x.take(chosen, 0), self._target.take(chosen, 0)
        with np.errstate(all="ignore"):
            loss = self.loss.forward(self.net.forward(x), target)
            self.net.zero_grad()
            self.net.backward(self.loss.backward())
            self.optimizer.lr = lr
            self.optimizer.step()
        return loss

    def predict(self, part: Literal["train", "test"]) -> Mapping[str, NDArray[Any]]:
        """The output for a whole part in evaluation mode, (R, N, ...)."""
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
        """Each repeat's parameters, and what BatchNorm1d remembers, by name."""
        state = self.net.state()
        return [{name: value[r] for name, value in state.items()} for r in range(self.repeats)]

    def load(self, weights: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Take the weights that ``weights`` gave."""
        for name, value in self.net.state().items():
            for r, repeat in enumerate(weights):
                value[r] = repeat[name]

    def layers(self) -> list[Row]:
        """The layers of one repeat's net in the order in which they run."""
        x: NDArray[Any] = self.x["test"][:, :1]
        rows = []
        self.net.train(False)
        for layer in self.net.leaves():
            x = layer.forward(x)
            size = 0 if layer.flat is None else layer.flat.value.shape[-1]
            name = layer.place.removeprefix("layer ")
            rows.append(Row(name, type(layer).__name__, x.shape[2:], size))
        self.net.train()
        return rows


def _samples(x: NDArray[Any]) -> NDArray[Any]:
    """Inputs (N, ...) as (N, features)."""
    return x.reshape(len(x), -1)
