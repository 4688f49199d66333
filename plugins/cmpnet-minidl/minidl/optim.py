"""Optimizers and learning-rate schedules. All parameters of a network are one array (..., P).

optimizer = SGD(net, lr=0.001)
...
optimizer.lr = 0.001 * cosine(step / steps)  # a schedule, if any
optimizer.step()
"""

from __future__ import annotations

import math

import numpy as np

from minidl import errors
from minidl.module import Array, Module, Parameter


class Optimizer:
    """Base class of optimizers. Its state is reset when the weights of the network are redrawn.

    Args:
        net: the network to train.
        lr: learning rate; set the attribute ``lr`` before a step to change it.

    Raises:
        MinidlError: the network has no parameters, or a number is out of range.
    """

    def __init__(self, net: Module, lr: float) -> None:
        if net.flat is None:
            raise errors.no_parameters(net.label)
        if not lr >= 0:
            raise errors.out_of_range(f"{type(self).__name__}: lr", lr, "at least 0")
        self.net, self.lr = net, lr
        self._storage: Parameter | None = None

    def step(self) -> None:
        """Update the parameters once, using their gradients."""
        flat = self.net.flat
        assert flat is not None  # a network does not lose its parameters
        if flat is not self._storage:
            self._storage = flat
            self._work = np.empty_like(flat.value)
            self.begin(flat)
        self.update(*flat)

    def begin(self, flat: Parameter) -> None:
        """Initialise the state of the optimizer for the parameters ``flat`` (..., P)."""

    def update(self, value: Array, gradient: Array) -> None:
        """Change the parameters in place.

        Args:
            value: the parameters (..., P).
            gradient: their gradient (..., P).
        """
        raise NotImplementedError


class SGD(Optimizer):
    """v = momentum v + gradient; value = value - lr v. Momentum 0 is plain gradient descent.

    Heavy ball (Polyak 1964) in the form of Sutskever et al. 2013 with lr outside, as in torch.

    Args:
        net: the network to train.
        lr: learning rate.
        momentum: factor on the velocity v, at least 0 and below 1.
    """

    def __init__(self, net: Module, lr: float, *, momentum: float = 0.0) -> None:
        super().__init__(net, lr)
        if not 0 <= momentum < 1:
            raise errors.out_of_range("SGD: momentum", momentum, "at least 0 and below 1")
        self.momentum = momentum

    def begin(self, flat: Parameter) -> None:
        """Set the velocity to zero."""
        self._velocity = np.zeros_like(flat.value)

    def update(self, value: Array, gradient: Array) -> None:
        """Update in two vector operations, or four with momentum."""
        if self.momentum:
            self._velocity *= self.momentum
            self._velocity += gradient
            gradient = self._velocity
        np.multiply(gradient, self.lr, out=self._work)
        np.subtract(value, self._work, out=value)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, algorithm 1); with ``decay``, AdamW (Loshchilov and Hutter 2019).

    m and v are running means of the gradient and of its square. They start at zero, so after t
    steps they are divided by 1 - beta1^t and 1 - beta2^t. Then value = value - lr m / (sqrt(v) +
    eps). With ``decay``, every parameter is first multiplied by 1 - lr decay.

    Args:
        net: the network to train.
        lr: learning rate.
        betas: factors on the running means m and v, at least 0 and below 1.
        eps: added to the root of v.
        decay: weight decay.
    """

    def __init__(
        self,
        net: Module,
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        decay: float = 0.0,
    ) -> None:
        super().__init__(net, lr)
        for beta in betas:
            if not 0 <= beta < 1:
                raise errors.out_of_range("Adam: betas", betas, "each at least 0 and below 1")
        self.betas, self.eps, self.decay = betas, eps, decay

    def begin(self, flat: Parameter) -> None:
        """Set both running means and the step count to zero."""
        self._m, self._v = np.zeros_like(flat.value), np.zeros_like(flat.value)
        self._t = 0

    def update(self, value: Array, gradient: Array) -> None:
        """Update in ten vector operations; the bias corrections are applied to lr and eps."""
        beta1, beta2 = self.betas
        self._t += 1
        if self.decay:
            value *= 1 - self.lr * self.decay
        m, v, work = self._m, self._v, self._work
        m *= beta1
        np.multiply(gradient, 1 - beta1, out=work)
        m += work
        v *= beta2
        np.multiply(gradient, gradient, out=work)
        work *= 1 - beta2
        v += work
        # lr (m / c1) / (sqrt(v / c2) + eps) = (lr sqrt(c2) / c1) m / (sqrt(v) + eps sqrt(c2))
        root = math.sqrt(1 - beta2**self._t)
        np.sqrt(v, out=work)
        work += self.eps * root
        np.divide(m, work, out=work)
        work *= self.lr * root / (1 - beta1**self._t)
        value -= work


def cosine(progress: float) -> float:
    """The factor (1 + cos(pi p)) / 2 on the learning rate: Loshchilov and Hutter 2017, eq. 5.

    Args:
        progress: share p of the steps that are done, in [0, 1].

    Returns:
        The factor, which falls from 1 to 0.

    >>> [round(cosine(p), 3) for p in (0.0, 0.5, 0.75)]
    [1.0, 0.5, 0.146]
    """
    return (1 + math.cos(math.pi * progress)) / 2


def onecycle(progress: float, *, warm_up: float = 0.3, start: float = 0.04) -> float:
    """The factor of one-cycle: a linear rise to 1, then a cosine to 0 (Smith and Topin 2018).

    Args:
        progress: share of the steps that are done, in [0, 1].
        warm_up: share of the steps in which the factor rises; 0.3 is the usual value.
        start: factor of the first step; 1/25 is the usual value.

    Returns:
        The factor on the peak learning rate.

    >>> [round(onecycle(p), 3) for p in (0.0, 0.15, 0.3, 0.65)]
    [0.04, 0.52, 1.0, 0.5]
    """
    if progress < warm_up:
        return start + (1 - start) * progress / warm_up
    return cosine((progress - warm_up) / (1 - warm_up))
