"""Optimizers and learning-rate schedules. All of a network's parameters are one array (..., P).

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
    """What optimizers share: a network, a learning rate that may be set before each step.

    What an optimizer remembers begins anew when the network's weights are drawn anew.

    Raises:
        MinidlError: the network has no parameters, or a number is out of its range.
    """

    def __init__(self, net: Module, lr: float) -> None:
        if net.flat is None:
            raise errors.no_parameters(net.label)
        if not lr >= 0:
            raise errors.out_of_range(f"{type(self).__name__}: lr", lr, "at least 0")
        self.net, self.lr = net, lr
        self._home: Parameter | None = None

    def step(self) -> None:
        """Change the parameters once, by their gradients."""
        flat = self.net.flat
        assert flat is not None  # a network keeps what it has
        if flat is not self._home:
            self._home = flat
            self._work = np.empty_like(flat.value)
            self.begin(flat)
        self.update(*flat)

    def begin(self, flat: Parameter) -> None:
        """Make what the optimizer remembers, for parameters (..., P)."""

    def update(self, value: Array, gradient: Array) -> None:
        """Change ``value`` in place by ``gradient``, both (..., P)."""
        raise NotImplementedError


class SGD(Optimizer):
    """v = momentum v + gradient; value = value - lr v: gradient descent, with momentum 0 plain.

    Heavy ball (Polyak 1964) in the form of Sutskever et al. 2013 with lr outside, as in torch.
    """

    def __init__(self, net: Module, lr: float, *, momentum: float = 0.0) -> None:
        super().__init__(net, lr)
        if not 0 <= momentum < 1:
            raise errors.out_of_range("SGD: momentum", momentum, "at least 0 and below 1")
        self.momentum = momentum

    def begin(self, flat: Parameter) -> None:
        """The velocity begins at zero."""
        self._velocity = np.zeros_like(flat.value)

    def update(self, value: Array, gradient: Array) -> None:
        """Two vector operations, four with momentum."""
        if self.momentum:
            self._velocity *= self.momentum
            self._velocity += gradient
            gradient = self._velocity
        np.multiply(gradient, self.lr, out=self._work)
        np.subtract(value, self._work, out=value)


class Adam(Optimizer):
    """Kingma and Ba 2015, algorithm 1; with ``decay``, Loshchilov and Hutter 2019 (AdamW).

    m and v are running means of the gradient and of its square. They begin at zero, so after t
    steps they are divided by 1 - beta1^t and 1 - beta2^t; then value = value - lr m / (sqrt(v) +
    eps). ``decay`` first takes the share lr x decay off every parameter.
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
        """Both means begin at zero, before step 1."""
        self._m, self._v = np.zeros_like(flat.value), np.zeros_like(flat.value)
        self._t = 0

    def update(self, value: Array, gradient: Array) -> None:
        """Ten vector operations; the corrections go into lr and eps, which are numbers."""
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
    """The factor on lr, (1 + cos(pi p)) / 2, when the share p in [0, 1] of the steps is done.

    Loshchilov and Hutter 2017, eq. 5.

    >>> [round(cosine(p), 3) for p in (0.0, 0.5, 0.75)]
    [1.0, 0.5, 0.146]
    """
    return (1 + math.cos(math.pi * progress)) / 2


def onecycle(progress: float, *, warm_up: float = 0.3, start: float = 0.04) -> float:
    """From ``start`` up to 1 in a line over the share ``warm_up``, then down as a cosine.

    Smith and Topin 2018; 0.3 and 1/25 are the usual values.

    >>> [round(onecycle(p), 3) for p in (0.0, 0.15, 0.3, 0.65)]
    [0.04, 0.52, 1.0, 0.5]
    """
    if progress < warm_up:
        return start + (1 - start) * progress / warm_up
    return cosine((progress - warm_up) / (1 - warm_up))
