"""Module, Parameter and Layer: the parts of a network (report 1, sections 2.2 and 2.3).

Arrays are (..., B, features), where B is the number of samples. The leading axes may hold R
repeats of one network side by side, each with its own weights. All parameters of a network are
views into one pair of flat arrays (..., P), so that an optimizer needs only a few vector
operations.
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
    """A parameter and its gradient. Both are views, to be changed in place.

    Attributes:
        value: the parameter.
        gradient: gradient of the loss by the parameter, of the same shape.

    >>> weight = Parameter(np.zeros((2, 3)), np.ones((2, 3)))
    >>> weight.value[...] -= 0.1 * weight.gradient
    """

    value: Array
    gradient: Array


class Module:
    """Base class of everything with a forward and a backward pass.

    Attributes:
        flat: all parameters as one pair of arrays (..., P); None without parameters.
        training: False in evaluation mode, in which Dropout and BatchNorm1d behave differently.
        place: place in a Sequential, such as "layer 2"; "" outside.
    """

    flat: Parameter | None = None
    training = True
    place = ""

    def forward(self, *input: Array) -> Array:  # noqa: A002 - the signature in the report
        """Compute the output (..., B, features) for an input."""
        raise NotImplementedError

    def backward(self, *gradwrtoutput: Array) -> Array:
        """Apply the chain rule to the last forward pass.

        The gradients by the parameters are added to those that :meth:`param` lists.

        Args:
            *gradwrtoutput: gradient of the loss by the output.

        Returns:
            The gradient of the loss by the input.
        """
        raise NotImplementedError

    def __call__(self, *input: Array) -> Array:  # noqa: A002
        """The same as :meth:`forward`."""
        return self.forward(*input)

    def param(self) -> list[Parameter]:
        """The parameters with their gradients, as views."""
        return []

    def zero_grad(self) -> None:
        """Set all gradients to zero."""
        if self.flat is not None:
            self.flat.gradient.fill(0)
        for layer in self.leaves():
            layer.gradients_are_zero = True

    def leaves(self) -> tuple[Layer, ...]:
        """The layers in the order in which they run; a loss has none."""
        return ()

    def draw(self, rng: Generators = None) -> None:
        """Draw fresh weights.

        Repeat r depends on generator r only, so it is the same alone and beside others.

        Args:
            rng: a generator for one network, or a list of R generators for R repeats side by
                side. By default one network from a random seed.

        Raises:
            OrderError: the module is part of a network.
        """
        if self.place:
            raise errors.drawn_inside(self.label)
        if rng is None or isinstance(rng, np.random.Generator):
            self.reset((), [rng or np.random.default_rng()])
        else:
            self.reset((len(rng),), list(rng))

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Draw fresh weights with leading axes.

        Args:
            lead: () for one network, (R,) for R repeats.
            rngs: one generator, or R of them.
        """
        raise NotImplementedError

    def _use_storage(self, storage: Parameter) -> None:
        """Make the parameters views into ``storage`` (..., P)."""
        raise NotImplementedError

    def state(self) -> dict[str, Array]:
        """Everything that :func:`minidl.save` stores, by name, as views."""
        return {}

    def _set_place(self, place: str) -> None:
        """Set the place of this module in a Sequential."""
        self.place = place

    def train(self, mode: bool = True) -> None:
        """Switch to training mode, or to evaluation mode if ``mode`` is False."""
        self.training = mode

    @property
    def label(self) -> str:
        """The name in error messages: "layer 2 Linear(25, 25)"."""
        return f"{self.place} {self!r}".strip()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)  # the arrays of a deep copy are its own, but no longer views
        if self.flat is not None:
            self._use_storage(self.flat)


class Layer(Module):
    """Base class for your own layers, with one input and one output.

    A subclass defines ``compute``, which stores what ``derive`` needs. A layer with parameters
    also defines ``reset``, which passes them to ``own`` as one array (..., k, n).

    Attributes:
        block: the parameters and their gradients, each (..., k, n).
        gradients_are_zero: whether ``backward`` may overwrite the gradients instead of adding.
    """

    block: Parameter
    gradients_are_zero = True
    _output_shape: tuple[int, ...] | None = None  # of the last forward; None after a backward

    def compute(self, x: Array) -> Array:
        """Compute the output for an input (..., B, features)."""
        raise NotImplementedError

    def derive(self, gradient: Array) -> Array:
        """Compute the gradient by the input, and add to the gradients of the parameters.

        Args:
            gradient: gradient by the output, of the shape of the output.

        Returns:
            The gradient by the input, of the shape of the input.
        """
        raise NotImplementedError

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """Compute the output (..., B, features) for an input."""
        output = self.compute(*input)
        self._output_shape = output.shape
        return output

    def backward(self, *gradwrtoutput: Array) -> Array:
        """Apply the chain rule to the last forward pass.

        Args:
            *gradwrtoutput: gradient by the output, of the shape of the output.

        Returns:
            The gradient by the input, of the shape of the input.

        Raises:
            OrderError: there was no forward pass since the last backward pass.
            ShapeError: the gradient does not have the shape of the output.
        """
        (gradient,) = gradwrtoutput
        if self._output_shape is None:
            raise errors.no_forward(self.label)
        if gradient.shape != self._output_shape:
            raise errors.wrong_shape(self.label, "gradient", gradient.shape, self._output_shape)
        self._output_shape = None
        return self.derive(gradient)

    def leaves(self) -> tuple[Layer, ...]:
        """The layer itself."""
        return (self,)

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Do nothing: a layer has no parameters by default."""

    def own(self, values: Array) -> None:
        """Make ``values`` (..., k, n) the parameters, with gradients of zero."""
        self._shape = values.shape
        flat = values.reshape(*values.shape[:-2], -1)
        self._use_storage(Parameter(flat, np.zeros_like(flat)))

    def _use_storage(self, storage: Parameter) -> None:
        self.flat = storage
        self.block = Parameter(*(array.reshape(self._shape) for array in storage))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def input_pattern(lead: tuple[int, ...], features: int | str) -> str:
    """The input shape that a layer expects, for an error message.

    >>> input_pattern((), 25), input_pattern((10,), 25)
    ('(..., B, 25)', '(10, B, 25)')
    """
    axes = "".join(f"{repeats}, " for repeats in lead) or "..., "
    return f"({axes}B, {features})"
