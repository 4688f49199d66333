"""Sequential: modules one after another (report 1, section 2.3)."""

from __future__ import annotations

import numpy as np

from minidl import errors
from minidl.module import Array, Layer, Module, Parameter


class Sequential(Module):
    """Modules one after another; their parameters are views into one flat array.

    Raises:
        MinidlError: a module is in two places, or the layers' types or repeats differ.

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
        self._put("")

    def _pack(self) -> None:
        """Bring the parameters of all modules into one array, values and gradients kept."""
        homes: list[Parameter] = []
        for module in self.modules:
            if module.flat is None:
                continue
            homes.append(module.flat)
            for kind in (_type, _repeats):
                if kind(module.flat) != kind(homes[0]):
                    raise errors.not_alike(module.label, kind(module.flat), kind(homes[0]))
        if homes:
            value, gradient = (np.concatenate(side, -1) for side in zip(*homes, strict=True))
            self._settle(Parameter(value, gradient))

    def _settle(self, home: Parameter) -> None:
        self.flat = home
        start = 0
        for module in self.modules:
            if module.flat is not None:
                stop = start + module.flat.value.shape[-1]
                module._settle(Parameter(*(array[..., start:stop] for array in home)))
                start = stop

    def _put(self, place: str) -> None:
        self.place = place
        for number, module in enumerate(self.modules):
            module._put(f"{place}.{number}" if place else f"layer {number}")

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Each module in turn."""
        for module in self.modules:
            module.reset(lead, rngs)
        self._pack()

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """The output of the last module."""
        (x,) = input
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, *gradwrtoutput: Array) -> Array:
        """The gradient by the input: the modules' backward passes, last to first."""
        (gradient,) = gradwrtoutput
        for module in reversed(self.modules):
            gradient = module.backward(gradient)
        return gradient

    def param(self) -> list[Parameter]:
        """The parameters of all modules in their order."""
        return [pair for module in self.modules for pair in module.param()]

    def leaves(self) -> tuple[Layer, ...]:
        """The layers in the order in which they run, those of nested modules too."""
        return self._leaves

    def state(self) -> dict[str, Array]:
        """The modules' states; names begin with the module's number: ``0.weight``."""
        return {
            f"{number}.{name}": value
            for number, module in enumerate(self.modules)
            for name, value in module.state().items()
        }

    def train(self, mode: bool = True) -> None:
        """Set the mode of all modules."""
        self.training = mode
        for module in self.modules:
            module.train(mode)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.modules))})"


def _type(flat: Parameter) -> str:
    return flat.value.dtype.name


def _repeats(flat: Parameter) -> str:
    return f"{flat.value.shape[0]} repeats" if flat.value.ndim > 1 else "no repeats axis"
