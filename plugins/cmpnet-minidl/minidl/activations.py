"""Activations: what bends a network (report 1, section 2.3). Any shape, one number at a time."""

from __future__ import annotations

import numpy as np

from minidl.module import Array, Layer


class ReLU(Layer):
    """max(0, x); its derivative is 1 for x > 0 and 0 for x <= 0, at 0 too (report 1, 2.3).

    >>> relu = ReLU()
    >>> relu.forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[0., 0., 2.]])
    >>> relu.backward(np.array([[5.0, 5.0, 5.0]]))
    array([[0., 0., 5.]])
    """

    def compute(self, x: Array) -> Array:
        """Shapes are kept."""
        self._slope = output = np.maximum(x, 0)
        return output

    def derive(self, gradient: Array) -> Array:
        """The sign of max(0, x) is its derivative, as a number and without a branch."""
        return np.multiply(np.sign(self._slope), gradient)


class LeakyReLU(Layer):
    """x for x > 0, else ``slope`` x; its derivative is 1 or ``slope`` (Maas et al. 2013).

    >>> LeakyReLU(0.1).forward(np.array([[-1.0, 2.0]]))
    array([[-0.1,  2. ]])
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def compute(self, x: Array) -> Array:
        """Shapes are kept."""
        self._slopes: Array = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.slope))
        output: Array = np.multiply(x, self._slopes)
        return output

    def derive(self, gradient: Array) -> Array:
        """The gradient times 1 or the slope."""
        by_input: Array = np.multiply(gradient, self._slopes)
        return by_input

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"


class Tanh(Layer):
    """tanh x; its derivative is 1 / cosh^2 x = 1 - tanh^2 x (report 1, 2.3).

    >>> tanh = Tanh()
    >>> tanh.forward(np.array([[0.0, 1.0]])).round(4)
    array([[0.    , 0.7616]])
    >>> tanh.backward(np.array([[1.0, 1.0]])).round(4)
    array([[1.  , 0.42]])
    """

    def compute(self, x: Array) -> Array:
        """Shapes are kept."""
        self._tanh = np.tanh(x)
        return self._tanh

    def derive(self, gradient: Array) -> Array:
        """The gradient times 1 - tanh^2 x, which needs no second exponential."""
        slope = np.multiply(self._tanh, self._tanh)
        np.subtract(1, slope, out=slope)
        return np.multiply(slope, gradient, out=slope)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), as (1 + tanh(x / 2)) / 2, which cannot overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


class Sigmoid(Layer):
    """s = 1 / (1 + exp(-x)); its derivative is s (1 - s).

    >>> layer = Sigmoid()
    >>> layer.forward(np.array([[0.0, 2.0]])).round(4)
    array([[0.5   , 0.8808]])
    >>> layer.backward(np.array([[1.0, 1.0]])).round(4)
    array([[0.25 , 0.105]])
    """

    def compute(self, x: Array) -> Array:
        """Shapes are kept."""
        self._sigmoid = sigmoid(x)
        return self._sigmoid

    def derive(self, gradient: Array) -> Array:
        """The gradient times s (1 - s)."""
        return np.asarray(gradient * self._sigmoid * (1 - self._sigmoid))
