"""Sequential: a chain of modules (report 1, section 2.3)."""

from __future__ import annotations

import numpy as np

from minidl import errors
from minidl.module import Array, Layer, Module, Parameter


class Sequential(Module):
    """A chain of modules whose parameters are views into one flat array.

    Args:
        *modules: layers, or further chains, in the order in which they run.

    Raises:
        MinidlError: a module already has a place, or dtypes or numbers of repeats differ.

    >>> from minidl import Linear, ReLU
    >>> net = Sequential(Linear(2, 25), ReLU(), Linear(25, 1))
    >>> net.forward(np.ones((10, 2))).shape, net.flat.value.shape
    ((10, 1), (101,))
    """

    def __init__(self, *modules: Module) -> None:
        self.modules = modules
        for number, module in enumerate(modules):
            if module in modules[:number]:
                raise errors.used_twice(repr(module), f"layer {modules.index(module)}")
            if module.place:
                raise errors.used_twice(repr(module), module.place)
        self._leaves = tuple(leaf for module in modules for leaf in module.leaves())
        self._pack()
        self._set_place("")

    def _pack(self) -> None:
        """Move the parameters of all modules into one array, with their values and gradients."""
        parts: list[Parameter] = []
        for module in self.modules:
            if module.flat is None:
                continue
            parts.append(module.flat)
            for describe in (_dtype, _repeats):
                if describe(module.flat) != describe(parts[0]):
                    actual, expected = describe(module.flat), describe(parts[0])
                    raise errors.mixed_layers(module.label, actual, expected)
        if parts:
            value, gradient = (np.concatenate(side, -1) for side in zip(*parts, strict=True))
            self._use_storage(Parameter(value, gradient))

    def _use_storage(self, storage: Parameter) -> None:
        self.flat = storage
        start = 0
        for module in self.modules:
            if module.flat is not None:
                stop = start + module.flat.value.shape[-1]
                module._use_storage(Parameter(*(array[..., start:stop] for array in storage)))
                start = stop

    def _set_place(self, place: str) -> None:
        self.place = place
        for number, module in enumerate(self.modules):
            module._set_place(f"{place}.{number}" if place else f"layer {number}")

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Draw the weights of each module in turn."""
        for module in self.modules:
            module.reset(lead, rngs)
        self._pack()

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """Compute the output of the last module for an input (..., B, features)."""
        (x,) = input
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, *gradwrtoutput: Array) -> Array:
        """Compute the gradient by the input, from the last module to the first.

        Args:
            *gradwrtoutput: gradient by the output, of the shape of the output.

        Returns:
            The gradient by the input, of the shape of the input.
        """
        (gradient,) = gradwrtoutput
        for module in reversed(self.modules):
            gradient = module.backward(gradient)
        return gradient

    def param(self) -> list[Parameter]:
        """The parameters of all modules, in order."""
        return [pair for module in self.modules for pair in module.param()]

    def leaves(self) -> tuple[Layer, ...]:
        """The layers in the order in which they run, including those of nested chains."""
        return self._leaves

    def state(self) -> dict[str, Array]:
        """The state of all modules; names start with the number of the module: ``0.weight``."""
        return {
            f"{number}.{name}": value
            for number, module in enumerate(self.modules)
            for name, value in module.state().items()
        }

    def train(self, mode: bool = True) -> None:
        """Switch all modules to training mode, or to evaluation mode if ``mode`` is False."""
        self.training = mode
        for module in self.modules:
            module.train(mode)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.modules))})"


def _dtype(flat: Parameter) -> str:
    return flat.value.dtype.name


def _repeats(flat: Parameter) -> str:
    return f"{flat.value.shape[0]} repeats" if flat.value.ndim > 1 else "no repeats axis"
