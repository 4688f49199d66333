"""Dropout and BatchNorm1d, the layers that behave differently in evaluation mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from minidl import errors
from minidl.module import Array, Generators, Layer, Parameter, input_pattern


class Dropout(Layer):
    """In training, set each number to 0 with probability p and divide the others by 1 - p.

    In evaluation mode the input passes through unchanged. The derivative is the same mask
    (Srivastava et al. 2014, section 10: inverted dropout). The mask (B, features) of repeat r
    depends on generator r only.

    Args:
        p: probability of a zero, at least 0 and below 1.
        rng: a generator, or a list of R generators for R repeats side by side.

    Raises:
        MinidlError: p is out of range.

    >>> layer = Dropout(0.5, rng=np.random.default_rng(0))
    >>> layer.forward(np.ones((1, 6)))
    array([[2., 0., 0., 0., 2., 2.]])
    >>> layer.train(False)
    >>> layer.forward(np.ones((1, 6)))
    array([[1., 1., 1., 1., 1., 1.]])
    """

    def __init__(self, p: float = 0.5, *, rng: Generators = None) -> None:
        if not 0 <= p < 1:
            raise errors.out_of_range("Dropout: p", p, "at least 0 and below 1")
        self.p = p
        self.draw(rng)

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Keep the generators for later masks."""
        self.lead, self.rngs = lead, rngs

    def compute(self, x: Array) -> Array:
        """Return the masked input, with the shape of x."""
        if self.lead and x.shape[:-2] != self.lead:
            expected = input_pattern(self.lead, "features")
            raise errors.wrong_shape(self.label, "input", x.shape, expected)
        self._mask: Array | None = None
        if not self.training:
            return x
        chances = np.empty((len(self.rngs), *x.shape[len(self.lead) :]))
        for r, rng in enumerate(self.rngs):
            rng.random(out=chances[r])
        survives = (chances >= self.p).reshape(x.shape)
        self._mask = survives.astype(x.dtype) / x.dtype.type(1 - self.p)
        return np.multiply(x, self._mask)

    def derive(self, gradient: Array) -> Array:
        """Return the gradient times the mask."""
        return gradient if self._mask is None else np.multiply(gradient, self._mask)

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


class BatchNorm1d(Layer):
    """y = gamma n + beta, with n = (x - mean) / sqrt(variance + eps) over the batch, per feature.

    Ioffe and Szegedy 2015, algorithm 1. With g the gradient by y and h = g gamma, the gradient by
    x is (h - mean(h) - n mean(h n)) / sqrt(variance + eps), with means over the batch. The gradient
    by gamma is the sum of g n, that by beta the sum of g. Evaluation mode uses running means of
    the mean and the (unbiased) variance of the training batches.

    Args:
        features: features per sample.
        momentum: weight of a new batch in the running means.
        eps: added to the variance.
        dtype: type of the parameters and the output.

    Raises:
        MinidlError: there is less than one feature.

    >>> layer = BatchNorm1d(1, dtype=float)
    >>> layer.forward(np.array([[1.0], [3.0]])).round(3).tolist()
    [[-1.0], [1.0]]
    >>> layer.state()["running_mean"].round(3)
    array([0.2])
    """

    def __init__(
        self,
        features: int,
        *,
        momentum: float = 0.1,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.features, self.momentum, self.eps = features, momentum, eps
        if features < 1:
            raise errors.out_of_range(f"{self!r}: features", features, "at least 1")
        self.dtype = np.dtype(dtype)
        self.draw()

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Set gamma to 1, beta to 0, the running mean to 0 and the running variance to 1."""
        self.lead = lead
        block = np.zeros((*lead, 2, self.features), self.dtype)
        block[..., 0, :] = 1
        self.running_mean = np.zeros((*lead, self.features), self.dtype)
        self.running_variance = np.ones((*lead, self.features), self.dtype)
        self.own(block)

    def compute(self, x: Array) -> Array:
        """Normalise x (..., B, features); the shape stays the same.

        Raises:
            ShapeError: x has another number of features or repeats, or only one sample in
                training mode.
        """
        self._check(x.shape)
        flat = x if self.lead else x.reshape(-1, self.features)
        gamma, beta = self.block.value[..., :1, :], self.block.value[..., 1:, :]
        self._uses_batch = self.training
        if self.training:
            mean, variance = flat.mean(-2, keepdims=True), flat.var(-2, keepdims=True)
            samples = flat.shape[-2]
            for running, now in (
                (self.running_mean, mean),
                (self.running_variance, variance * (samples / (samples - 1))),
            ):
                running += self.momentum * (now[..., 0, :] - running)
        else:
            mean, variance = self.running_mean[..., None, :], self.running_variance[..., None, :]
        self._scale = 1 / np.sqrt(variance + self.eps)
        self._normal = (flat - mean) * self._scale
        return np.asarray(gamma * self._normal + beta, self.dtype).reshape(x.shape)

    def _check(self, shape: tuple[int, ...]) -> None:
        fits = len(shape) >= 2 and shape[-1] == self.features
        if not fits or (self.lead and shape[:-2] != self.lead):
            expected = input_pattern(self.lead, self.features)
            raise errors.wrong_shape(self.label, "input", shape, expected)
        samples = shape[-2] if self.lead else np.prod(shape[:-1])
        if self.training and samples < 2:
            raise errors.too_few_samples(self.label, shape)

    def derive(self, gradient: Array) -> Array:
        """Map g (..., B, features) to the gradient by x; add to those by gamma and beta."""
        g = gradient.reshape(self._normal.shape)
        sums = self.block.gradient
        sums[..., 0, :] += (g * self._normal).sum(-2)
        sums[..., 1, :] += g.sum(-2)
        h = g * self.block.value[..., :1, :]
        if self._uses_batch:
            h = (
                h
                - h.mean(-2, keepdims=True)
                - self._normal * (h * self._normal).mean(-2, keepdims=True)
            )
        return np.asarray(h * self._scale, self.dtype).reshape(gradient.shape)

    def param(self) -> list[Parameter]:
        """Gamma and beta, each (..., features)."""
        value, gradient = self.block
        return [Parameter(value[..., k, :], gradient[..., k, :]) for k in (0, 1)]

    def state(self) -> dict[str, Array]:
        """``weight`` (gamma), ``bias`` (beta), ``running_mean`` and ``running_variance``."""
        return {
            "weight": self.block.value[..., 0, :],
            "bias": self.block.value[..., 1, :],
            "running_mean": self.running_mean,
            "running_variance": self.running_variance,
        }

    def __repr__(self) -> str:
        return f"BatchNorm1d({self.features})"
