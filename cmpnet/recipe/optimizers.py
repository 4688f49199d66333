"""Built-in optimizers, for torch: its own, with its defaults.

From simple to complex: ``sgd``; ``momentum`` is ``sgd`` with momentum 0.9; ``adam``; ``adamw``
decouples the weight decay from the gradient. Torch is imported when one is made, not when its
options are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from cmpnet.spec import Bounds, Optimizer

Update = Callable[[float], None]  # one step at a learning rate
Momentum = Annotated[float, Bounds(0, 0.99999), "factor on the velocity"]
Positive = Annotated[float, Bounds(0.00001, 0.99999), "factor on the velocity"]
Nesterov = Annotated[bool, "look ahead along the velocity, as Nesterov does"]
Beta1 = Annotated[float, Bounds(0, 0.99999), "factor on the running mean of the gradient"]
Beta2 = Annotated[float, Bounds(0, 0.9999999), "factor on the running mean of its square"]
Eps = Annotated[float, Bounds(1e-30, 1), "added to the root of that mean"]
L2 = Annotated[float, Bounds(0, 1000), "this times the weights is added to the gradient"]
Decay = Annotated[float, Bounds(0, 1000), "a step multiplies the weights by 1 - lr x this"]


def sgd(parameters: list[Any], *, momentum: Momentum = 0.0, weight_decay: L2 = 0.0) -> Update:
    """Steps along a velocity: v = momentum v + gradient + weight_decay w; w = w - lr v."""
    return along_velocity(parameters, momentum, weight_decay, nesterov=False)


def heavy_ball(
    parameters: list[Any],
    *,
    momentum: Positive = 0.9,
    nesterov: Nesterov = False,
    weight_decay: L2 = 0.0,
) -> Update:
    """The rule of ``sgd`` with another default.

    With ``nesterov``, w = w - lr (gradient + weight_decay w + momentum v) with the new v.
    """
    return along_velocity(parameters, momentum, weight_decay, nesterov=nesterov)


def along_velocity(
    parameters: list[Any], momentum: float, weight_decay: float, *, nesterov: bool
) -> Update:
    """Steps by the function of torch's SGD: its class imports torch._dynamo, 1.9 s per worker."""
    import torch
    from torch.optim.sgd import sgd as step

    buffers = [torch.zeros_like(p) if momentum else None for p in parameters]

    @torch.no_grad()
    def update(lr: float) -> None:
        used = [
            (parameter, parameter.grad, buffer)
            for parameter, buffer in zip(parameters, buffers, strict=True)
            if parameter.grad is not None
        ]
        step(
            [parameter for parameter, _, _ in used],
            [gradient for _, gradient, _ in used],
            [buffer for _, _, buffer in used],
            weight_decay=weight_decay,
            momentum=momentum,
            lr=lr,
            dampening=0,
            nesterov=nesterov,
            maximize=False,
            fused=True,
        )

    return update


def adam(
    parameters: list[Any],
    *,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Eps = 1e-8,
    weight_decay: L2 = 0.0,
) -> Any:
    """Adam: w = w - lr m / (sqrt(v) + eps), with corrected running means m and v."""
    from torch.optim import Adam

    return Adam(parameters, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


def adamw(
    parameters: list[Any],
    *,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Eps = 1e-8,
    weight_decay: Decay = 0.01,
) -> Any:
    """Adam, after w = (1 - lr weight_decay) w."""
    from torch.optim import AdamW

    return AdamW(parameters, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


SGD = Optimizer(name="sgd", summary="stochastic gradient descent", make=sgd)
MOMENTUM = Optimizer(
    name="momentum",
    summary="sgd with momentum 0.9",
    make=heavy_ball,
    source="Sutskever et al. 2013, with lr outside the velocity",
)
ADAM = Optimizer(
    name="adam",
    summary="steps scaled by running means of the gradient and its square",
    make=adam,
    source="Kingma and Ba 2015, arXiv:1412.6980, algorithm 1",
)
ADAMW = Optimizer(
    name="adamw",
    summary="adam with decoupled weight decay",
    make=adamw,
    source="Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2",
)
