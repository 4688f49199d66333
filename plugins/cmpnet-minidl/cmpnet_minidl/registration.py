"""The records that cmpnet loads: the only module here that imports cmpnet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

import minidl
from cmpnet import (
    Architecture,
    Bounds,
    Data,
    Loss,
    Measure,
    Optimizer,
    Split,
    Task,
    TrainConfig,
)
from cmpnet_minidl import disk
from cmpnet_minidl.cross_entropy import LossCentredBCE

LEARNER = "cmpnet_minidl.learner:MinidlLearner"
OUTPUTS = {"inside": (1,)}
REPORT = TrainConfig(epochs=30, batch_size=10, lr=0.001)

Width = Annotated[int, Bounds(1, 4096), "units per hidden layer"]
Depth = Annotated[int, Bounds(0, 100), "hidden layers"]
Init = Annotated[Literal["xavier", "uniform", "he"], "weight initialisation; biases are zero"]
Points = Annotated[int, Bounds(1, 1_000_000), "training points; there are as many test points"]
Radius = Annotated[
    float, Bounds(0.01, 1), "radius of the disk; 1/sqrt(2 pi) makes the classes equal in size"
]


# -- task -----------------------------------------------------------------------------------------


def load(seed: int, *, points: Points = 10_000, radius: Radius = disk.RADIUS) -> Data:
    """The points ``x`` (N, 2) of one repeat and ``target`` (N,), 1 inside the disk, otherwise 0.

    Every seed draws fresh test points, so there is no option ``on`` for validation points: sweeps
    use other seeds than reports do.
    """
    train, test = disk.train_and_test(seed, points, radius)
    return Data(*(Split(x, {"target": inside}) for x, inside in (train, test)))


def fingerprint(*, points: int = 10_000, radius: float = disk.RADIUS) -> str:
    """SHA-256 of the points of seed 0."""
    return disk.fingerprint(points, radius)


def wrong(output: Mapping[str, Any], targets: Mapping[str, Any]) -> Any:
    """Which points are misclassified (N,): their output is nearer to the other class."""
    return disk.misclassified(output["inside"], targets["target"])


def outline(*, points: int = 10_000, radius: float = disk.RADIUS) -> Any:
    """The circle as a closed line of [x, y]."""
    return disk.circle(radius)


BORDER = Measure(
    summary="mean distance of the mistakes from the circle, over that of all test points",
    of=disk.border_distance,
    needs_data=True,
)
DISK = Task(
    name="disk",
    summary="does a point of the unit square lie inside the disk about its centre?",
    load=load,
    wrong=wrong,
    fingerprint=fingerprint,
    outline=outline,
    measures={"border": BORDER},
    unit="points",
    source="Report 1, section 2.1",
)


# -- losses ---------------------------------------------------------------------------------------


def mse_minidl() -> minidl.Loss:
    """Sum of squared differences over the batch, with a hand-written gradient."""
    return minidl.LossMSE()


def bce_minidl(
    *, scale: Annotated[float, Bounds(0, 1000), "logits are scale (output - 1/2)"] = 8.0
) -> minidl.Loss:
    """Binary cross entropy, summed over the batch; the sign of a logit is the prediction."""
    return LossCentredBCE(scale)


def mse(output: Mapping[str, Any], batch: Mapping[str, Any]) -> Any:
    """Sum of squared differences over the batch, for torch.

    Args:
        output: ``inside`` (B, 1).
        batch: ``target`` (B,).

    Returns:
        The loss ().
    """
    return (output["inside"] - batch["target"][:, None]).square().sum()


MSE_MINIDL = Loss(
    name="mse-minidl",
    summary="sum of squared differences over the batch, in minidl",
    fn=mse_minidl,
    needs=("inside",),
    backend="minidl",
    source="Report 1, section 2.3",
)
BCE_MINIDL = Loss(
    name="bce-minidl",
    summary="binary cross entropy, summed over the batch, in minidl",
    fn=bce_minidl,
    needs=("inside",),
    backend="minidl",
    source="beyond report 1",
)
MSE = Loss(
    name="mse",
    summary="sum of squared differences over the batch, in torch",
    fn=mse,
    needs=("inside",),
    source="Report 1, section 2.3",
)


# -- optimizers -----------------------------------------------------------------------------------

Update = Callable[[float], None]  # one step at a learning rate
Momentum = Annotated[float, Bounds(0, 0.99999), "factor on the velocity"]
Beta1 = Annotated[float, Bounds(0, 0.99999), "factor on the running mean of the gradient"]
Beta2 = Annotated[float, Bounds(0, 0.9999999), "factor on the running mean of its square"]
Eps = Annotated[float, Bounds(1e-30, 1), "added to the root of that mean"]


def sgd(net: minidl.Module, *, momentum: Momentum = 0.0) -> Update:
    """Gradient descent; see :class:`minidl.SGD`."""
    return at_rate(minidl.SGD(net, 0.0, momentum=momentum))


def heavy_ball(net: minidl.Module, *, momentum: Momentum = 0.9) -> Update:
    """The rule of ``sgd`` with another default."""
    return sgd(net, momentum=momentum)


def adam(
    net: minidl.Module, *, beta1: Beta1 = 0.9, beta2: Beta2 = 0.999, eps: Eps = 1e-8
) -> Update:
    """Adam; see :class:`minidl.Adam`."""
    return at_rate(minidl.Adam(net, betas=(beta1, beta2), eps=eps))


def adamw(
    net: minidl.Module,
    *,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Eps = 1e-8,
    weight_decay: Annotated[
        float, Bounds(0, 1000), "a step multiplies the weights by 1 - lr x this"
    ] = 0.01,
) -> Update:
    """Adam with decoupled weight decay; see :class:`minidl.Adam`."""
    return at_rate(minidl.Adam(net, betas=(beta1, beta2), eps=eps, decay=weight_decay))


def at_rate(optimizer: minidl.Optimizer) -> Update:
    """One step of an optimizer at a given learning rate."""

    def update(lr: float) -> None:
        optimizer.lr = lr
        optimizer.step()

    return update


SGD = Optimizer(name="sgd", summary="gradient descent, in minidl", make=sgd, backend="minidl")
MOMENTUM = Optimizer(
    name="momentum", summary="sgd with momentum 0.9, in minidl", make=heavy_ball, backend="minidl"
)
ADAM = Optimizer(
    name="adam",
    summary="steps scaled by running means of the gradient and its square, in minidl",
    make=adam,
    backend="minidl",
    source="Kingma and Ba 2015, algorithm 1",
)
ADAMW = Optimizer(
    name="adamw",
    summary="adam with decoupled weight decay, in minidl",
    make=adamw,
    backend="minidl",
    source="Loshchilov and Hutter 2019, algorithm 2",
)


# -- networks -------------------------------------------------------------------------------------


def build(activation: type[minidl.Layer], width: int, depth: int, init: str) -> minidl.Module:
    """2 - width - ... - width - 1, with an activation after each linear layer except the last."""
    sizes = (2, *[width] * depth, 1)
    layers: list[minidl.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [minidl.Linear(inputs, outputs, init=init), activation()]
    return minidl.Sequential(*layers[:-1])


def minidl_relu(*, width: Width = 25, depth: Depth = 3, init: Init = "xavier") -> minidl.Module:
    """The report's network with ReLU."""
    return build(minidl.ReLU, width, depth, init)


def minidl_tanh(*, width: Width = 25, depth: Depth = 3, init: Init = "xavier") -> minidl.Module:
    """The report's network with tanh."""
    return build(minidl.Tanh, width, depth, init)


def torch_mlp(
    *,
    width: Width = 25,
    depth: Depth = 3,
    activation: Annotated[Literal["relu", "tanh"], "between the linear layers"] = "relu",
    init: Init = "xavier",
) -> Any:
    """The report's network in torch, an ``nn.Module``."""
    from cmpnet_minidl.torch_mlp import TorchMLP  # torch takes a second to import

    return TorchMLP((2, *[width] * depth, 1), activation, init)


MINIDL_RELU = Architecture(
    name="minidl-relu",
    summary="2-25-25-25-1 with ReLU, with hand-written forward and backward passes",
    build=minidl_relu,
    outputs=OUTPUTS,
    task="disk",
    loss="mse-minidl",
    recipe=REPORT,
    learner=LEARNER,
    source="Report 1, section 2.4",
)
MINIDL_TANH = Architecture(
    name="minidl-tanh",
    summary="2-25-25-25-1 with tanh, with hand-written forward and backward passes",
    build=minidl_tanh,
    outputs=OUTPUTS,
    task="disk",
    loss="mse-minidl",
    recipe=REPORT,
    learner=LEARNER,
    source="Report 1, section 2.4",
)
# Chosen on seeds 100-119 by mean test error; the SD over the seeds was 0.1 points. With the sum of
# squares and Adam, lr 0.003 gave 0.53 %, 0.002 0.55, 0.01 0.57 and 0.02 0.72; batches of 5 gave
# 0.55, He weights 0.59 and momentum 0.60. With cross entropy at 0.003, scale 1 gave 0.49 %, 4 and 8
# 0.44 and 16 0.45; lr 0.002 and 0.005 gave the same.
MINIDL_BEST = Architecture(
    name="minidl-best",
    summary="the network of minidl-relu with cross entropy, Adam and a one-cycle learning rate",
    build=minidl_relu,
    outputs=OUTPUTS,
    task="disk",
    loss="bce-minidl",
    recipe=TrainConfig(epochs=30, batch_size=10, lr=0.003, optimizer="adam", schedule="onecycle"),
    learner=LEARNER,
    source="beyond report 1",
)
TORCH_MLP = Architecture(
    name="torch-mlp",
    summary="the network of minidl-relu in torch with autograd, as a control",
    build=torch_mlp,
    outputs=OUTPUTS,
    task="disk",
    loss="mse",
    recipe=REPORT,
    source="Report 1, section 2.4",
)
