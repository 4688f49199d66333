"""Activation functions (report 1, section 2.3). They work element by element on any shape."""

from __future__ import annotations

import numpy as np

from minidl.module import Array, Layer


class ReLU(Layer):
    """max(0, x). Its derivative is 1 for x > 0 and 0 for x <= 0 (report 1, section 2.3).

    >>> relu = ReLU()
    >>> relu.forward(np.array([[-1.0, 0.0, 2.0]]))
    array([[0., 0., 2.]])
    >>> relu.backward(np.array([[5.0, 5.0, 5.0]]))
    array([[0., 0., 5.]])
    """

    def compute(self, x: Array) -> Array:
        """Return max(0, x), with the shape of x."""
        self._output_values = output = np.maximum(x, 0)
        return output

    def derive(self, gradient: Array) -> Array:
        """Return the gradient times sign(max(0, x)), which is the derivative without a branch."""
        return np.multiply(np.sign(self._output_values), gradient)


class LeakyReLU(Layer):
    """x for x > 0, otherwise ``slope`` x. Its derivative is 1 or ``slope`` (Maas et al. 2013).

    Args:
        slope: factor for inputs of at most 0.

    >>> LeakyReLU(0.1).forward(np.array([[-1.0, 2.0]]))
    array([[-0.1,  2. ]])
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope

    def compute(self, x: Array) -> Array:
        """Return x times 1 or the slope, with the shape of x."""
        self._slopes: Array = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.slope))
        output: Array = np.multiply(x, self._slopes)
        return output

    def derive(self, gradient: Array) -> Array:
        """Return the gradient times 1 or the slope."""
        input_gradient: Array = np.multiply(gradient, self._slopes)
        return input_gradient

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"


class Tanh(Layer):
    """tanh x. Its derivative is 1 / cosh^2 x = 1 - tanh^2 x (report 1, section 2.3).

    >>> tanh = Tanh()
    >>> tanh.forward(np.array([[0.0, 1.0]])).round(4)
    array([[0.    , 0.7616]])
    >>> tanh.backward(np.array([[1.0, 1.0]])).round(4)
    array([[1.  , 0.42]])
    """

    def compute(self, x: Array) -> Array:
        """Return tanh x, with the shape of x."""
        self._tanh = np.tanh(x)
        return self._tanh

    def derive(self, gradient: Array) -> Array:
        """Return the gradient times 1 - tanh^2 x, which needs no second exponential."""
        slope = np.multiply(self._tanh, self._tanh)
        np.subtract(1, slope, out=slope)
        return np.multiply(slope, gradient, out=slope)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), computed as (1 + tanh(x / 2)) / 2, which cannot overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


class Sigmoid(Layer):
    """s = 1 / (1 + exp(-x)). Its derivative is s (1 - s).

    >>> layer = Sigmoid()
    >>> layer.forward(np.array([[0.0, 2.0]])).round(4)
    array([[0.5   , 0.8808]])
    >>> layer.backward(np.array([[1.0, 1.0]])).round(4)
    array([[0.25 , 0.105]])
    """

    def compute(self, x: Array) -> Array:
        """Return the sigmoid of x, with the shape of x."""
        self._sigmoid = sigmoid(x)
        return self._sigmoid

    def derive(self, gradient: Array) -> Array:
        """Return the gradient times s (1 - s)."""
        return np.asarray(gradient * self._sigmoid * (1 - self._sigmoid))
