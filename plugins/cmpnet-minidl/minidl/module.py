"""Module, Parameter and Layer: what a network is made of (report 1, sections 2.2 and 2.3).

Arrays are (..., B, features): B samples, and in front of them, if there is anything, R repeats of
one network side by side, each with weights of its own. All parameters of a network are views into
one flat pair of arrays (..., P), so that an optimizer is a handful of vector operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minidl import errors

Array = NDArray[Any]
Generators = np.random.Generator | Sequence[np.random.Generator] | None


class Parameter(NamedTuple):
    """A value and the gradient of the loss with respect to it, of one shape; change them in place.

    >>> weight = Parameter(np.zeros((2, 3)), np.ones((2, 3)))
    >>> weight.value[...] -= 0.1 * weight.gradient
    """

    value: Array
    gradient: Array


class Module:
    """A piece of a network: ``forward``, ``backward``, ``param`` and ``zero_grad``.

    ``flat`` is all of its parameters as one pair (..., P), None where it has none.
    """

    flat: Parameter | None = None
    training = True  # Dropout and BatchNorm1d behave otherwise in evaluation mode
    place = ""  # "layer 2", in a Sequential

    def forward(self, *input: Array) -> Array:  # noqa: A002 - the report's signature
        """The output for an input."""
        raise NotImplementedError

    def backward(self, *gradwrtoutput: Array) -> Array:
        """The gradient of the loss by the input, given that by the output (the chain rule).

        Gradients by the parameters are added to what ``param`` lists.
        """
        raise NotImplementedError

    def __call__(self, *input: Array) -> Array:  # noqa: A002
        """The same as ``forward``."""
        return self.forward(*input)

    def param(self) -> list[Parameter]:
        """The parameters, each a pair of a value and its gradient: views, to change in place."""
        return []

    def zero_grad(self) -> None:
        """Set every gradient to zero; the next ``backward`` writes instead of adding."""
        if self.flat is not None:
            self.flat.gradient.fill(0)
        for layer in self.leaves():
            layer.clean = True

    def leaves(self) -> tuple[Layer, ...]:
        """The layers in the order in which they run; none in a loss."""
        return ()

    def draw(self, rng: Generators = None) -> None:
        """Fresh weights: one network from a generator, R repeats side by side from a list of R.

        Repeat r comes from the r-th generator alone, so it is the same alone or beside others.

        Raises:
            OrderError: this is only a part of a network.
        """
        if self.place:
            raise errors.drawn_inside(self.label)
        if rng is None or isinstance(rng, np.random.Generator):
            self.reset((), [rng or np.random.default_rng()])
        else:
            self.reset((len(rng),), list(rng))

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Draw for ``lead`` () from one generator, or for (R,) from R of them."""
        raise NotImplementedError

    def _settle(self, home: Parameter) -> None:
        """Take ``home`` (..., P) as the place where the parameters are from now on."""
        raise NotImplementedError

    def state(self) -> dict[str, Array]:
        """Everything that ``save`` keeps, by name; views, so change them in place."""
        return {}

    def _put(self, place: str) -> None:
        """Note where in a Sequential this module is."""
        self.place = place

    def train(self, mode: bool = True) -> None:
        """Go to training mode, or with ``mode`` False to evaluation mode."""
        self.training = mode

    @property
    def label(self) -> str:
        """How an error calls it: "layer 2 Linear(25, 25)"."""
        return f"{self.place} {self!r}".strip()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)  # a deep copy's arrays are its own, but no longer views
        if self.flat is not None:
            self._settle(self.flat)


class Layer(Module):
    """A module with one input and one output of known shapes: what a new layer derives from.

    It defines ``compute``, which keeps what ``derive`` needs. A layer with parameters keeps them
    as one ``block`` (..., k, n), by ``own`` in ``reset``.
    """

    block: Parameter
    clean = True  # the gradients are zero: backward may write instead of adding
    _output: tuple[int, ...] | None = None  # shape of the last output, until backward uses it up

    def compute(self, x: Array) -> Array:
        """The output for an input."""
        raise NotImplementedError

    def derive(self, gradient: Array) -> Array:
        """The gradient by the input, given that by the output; the parameters' on the way."""
        raise NotImplementedError

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """The output (..., B, features) for an input."""
        output = self.compute(*input)
        self._output = output.shape
        return output

    def backward(self, *gradwrtoutput: Array) -> Array:
        """The gradient by the input, given that by the output of the last ``forward``.

        Raises:
            OrderError: there was no forward, or a backward has used it up.
            ShapeError: the gradient does not have the shape of the output.
        """
        (gradient,) = gradwrtoutput
        if self._output is None:
            raise errors.no_forward(self.label)
        if gradient.shape != self._output:
            raise errors.wrong_shape(self.label, "gradient", gradient.shape, self._output)
        self._output = None
        return self.derive(gradient)

    def leaves(self) -> tuple[Layer, ...]:
        """Itself."""
        return (self,)

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Nothing to draw."""

    def own(self, values: Array) -> None:
        """Keep ``values`` (..., k, n) as the parameters, with gradients of zero."""
        self._shape = values.shape
        flat = values.reshape(*values.shape[:-2], -1)
        self._settle(Parameter(flat, np.zeros_like(flat)))

    def _settle(self, home: Parameter) -> None:
        self.flat = home
        self.block = Parameter(*(array.reshape(self._shape) for array in home))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
