"""Every layer, loss and optimizer agrees with torch in float64: outputs, then each gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import minidl
from minidl import Linear, Module, Sequential

TIGHT = 1e-12


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def check(module: Module, twin: nn.Module, x: np.ndarray, tolerance: float = TIGHT) -> None:
    """Copy the weights, then compare the output and the gradients by input and parameters."""
    twin.double().train(module.training)
    state = {name: torch.from_numpy(value.copy()) for name, value in module.state().items()}
    rename = {"running_variance": "running_var"}
    layers = [name.rpartition(".") for name in state]
    twin.load_state_dict(
        {
            f"{prefix}{dot}{rename.get(last, last)}": (
                value.T if last == "weight" and value.ndim == 2 else value
            )
            for (prefix, dot, last), value in zip(layers, state.values(), strict=True)
        },
        strict=False,
    )
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    expected = twin(tensor)
    upstream = numbers(*expected.shape, seed=1)
    expected.backward(torch.from_numpy(upstream))
    close(module.forward(x), expected.detach(), tolerance)
    module.zero_grad()
    close(module.backward(upstream), tensor.grad, tolerance)
    theirs = list(twin.parameters())
    assert len(module.param()) == len(theirs)
    for ours, parameter in zip(module.param(), theirs, strict=True):
        assert parameter.grad is not None
        gradient = parameter.grad.T if parameter.ndim == 2 else parameter.grad
        close(ours.gradient, gradient, tolerance)


def close(ours: np.ndarray, theirs: torch.Tensor | None, tolerance: float = TIGHT) -> None:
    assert theirs is not None
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=tolerance, atol=tolerance)


LAYERS: dict[str, tuple[Callable[[], Module], Callable[[], nn.Module]]] = {
    "linear": (lambda: Linear(3, 4, dtype=float), lambda: nn.Linear(3, 4)),
    "relu": (minidl.ReLU, nn.ReLU),
    "leaky relu": (lambda: minidl.LeakyReLU(0.2), lambda: nn.LeakyReLU(0.2)),
    "tanh": (minidl.Tanh, nn.Tanh),
    "sigmoid": (minidl.Sigmoid, nn.Sigmoid),
    "batch norm": (lambda: minidl.BatchNorm1d(3, dtype=float), lambda: nn.BatchNorm1d(3)),
    "dropout with p = 0": (lambda: minidl.Dropout(0), lambda: nn.Dropout(0)),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("training", [True, False])
def test_a_layer_agrees_with_torch(name: str, training: bool) -> None:
    ours, theirs = (make() for make in LAYERS[name])
    ours.train(training)
    check(ours, theirs, numbers(7, 3))


@pytest.mark.parametrize("name", ["linear", "relu", "tanh"])
def test_a_layer_accepts_samples_along_several_axes(name: str) -> None:
    ours, theirs = (make() for make in LAYERS[name])
    check(ours, theirs, numbers(5, 7, 3))


def test_the_derivative_of_relu_at_zero_is_zero() -> None:
    check(minidl.ReLU(), nn.ReLU(), np.array([[0.0, -0.0, 1.0]]))


@pytest.mark.parametrize("name", ["relu", "leaky relu", "tanh", "sigmoid"])
def test_a_whole_network_agrees_with_torch(name: str) -> None:
    ours, theirs = LAYERS[name]
    check(
        Sequential(
            Linear(2, 25, dtype=float),
            ours(),
            Sequential(Linear(25, 25, dtype=float), ours(), minidl.BatchNorm1d(25, dtype=float)),
            Linear(25, 1, dtype=float),
        ),
        nn.Sequential(
            nn.Linear(2, 25),
            theirs(),
            nn.Sequential(nn.Linear(25, 25), theirs(), nn.BatchNorm1d(25)),
            nn.Linear(25, 1),
        ),
        numbers(10, 2),
        1e-11,
    )


def test_batch_norm_has_the_running_means_of_torch() -> None:
    ours, theirs = minidl.BatchNorm1d(3, dtype=float), nn.BatchNorm1d(3).double()
    for seed in range(5):
        x = numbers(6, 3, seed=seed) * 3 + 1
        ours.forward(x)
        theirs(torch.from_numpy(x))
    close(ours.state()["running_mean"], theirs.running_mean)
    close(ours.state()["running_variance"], theirs.running_var)
    ours.train(False)
    close(ours.forward(x), theirs.eval()(torch.from_numpy(x)).detach())


def test_batch_norm_without_repeats_accepts_samples_along_several_axes() -> None:
    x = numbers(5, 7, 3)
    flat = minidl.BatchNorm1d(3, dtype=float).forward(x.reshape(-1, 3))
    assert (minidl.BatchNorm1d(3, dtype=float).forward(x).reshape(-1, 3) == flat).all()


BINARY = (numbers(7, 3, seed=2) > 0).astype(float)
CLASSES = np.random.default_rng(3).integers(0, 3, 7)
MSE, CE = functional.mse_loss, functional.cross_entropy
BCE = functional.binary_cross_entropy_with_logits
LOSSES = {
    "squares, sum": (minidl.LossMSE(), lambda o, t: MSE(o, t, reduction="sum"), BINARY),
    "squares, mean": (minidl.LossMSE("mean"), MSE, BINARY),
    "cross entropy, mean": (minidl.LossCrossEntropy(), CE, CLASSES),
    "cross entropy, sum": (
        minidl.LossCrossEntropy("sum"),
        lambda o, t: CE(o, t, reduction="sum"),
        CLASSES,
    ),
    "binary, mean": (minidl.LossBCE(), BCE, BINARY),
    "binary, sum": (minidl.LossBCE("sum"), lambda o, t: BCE(o, t, reduction="sum"), BINARY),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_a_loss_agrees_with_torch(name: str, scale: float) -> None:
    ours, theirs, target = LOSSES[name]
    output = scale * numbers(7, 3)
    tensor = torch.from_numpy(output.copy()).requires_grad_()
    expected = theirs(tensor, torch.from_numpy(target))
    (3 * expected).backward()
    close(ours.forward(output, target), expected.detach())
    close(ours.backward(np.array(3.0)), tensor.grad)


@pytest.mark.parametrize("name", LOSSES)
def test_repeats_side_by_side_have_the_losses_of_each_alone(name: str) -> None:
    ours, _, target = LOSSES[name]
    outputs = numbers(4, 7, 3)
    alone = []
    for output in outputs:
        alone.append((ours.forward(output, target), ours.backward()))
    together = ours.forward(outputs, np.stack([target] * 4))
    assert together.shape == (4,)
    gradient = ours.backward()
    for r, (loss, by_output) in enumerate(alone):
        assert together[r] == loss
        assert (gradient[r] == by_output).all()


OPTIMIZERS = {
    "sgd": (lambda net: minidl.SGD(net, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (
        lambda net: minidl.SGD(net, 0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    ),
    "adam": (lambda net: minidl.Adam(net, 0.1), lambda p: torch.optim.Adam(p, 0.1)),
    "adam, other betas": (
        lambda net: minidl.Adam(net, 0.1, betas=(0.5, 0.9), eps=0.01),
        lambda p: torch.optim.Adam(p, 0.1, betas=(0.5, 0.9), eps=0.01),
    ),
    "adamw": (
        lambda net: minidl.Adam(net, 0.1, decay=0.05),
        lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.05),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_agrees_with_torch_after_each_step(name: str) -> None:
    net = Sequential(Linear(2, 3, rng=rng(), dtype=float), Linear(3, 1, dtype=float))
    theirs = [torch.from_numpy(value.copy()).requires_grad_() for value, _ in net.param()]
    make_ours, make_theirs = OPTIMIZERS[name]
    optimizer, twin = make_ours(net), make_theirs(theirs)
    for step in range(30):
        factor = minidl.onecycle(step / 30)
        optimizer.lr = twin.param_groups[0]["lr"] = 0.1 * factor
        for ours, parameter in zip(net.param(), theirs, strict=True):
            ours.gradient[...] = numbers(*ours.gradient.shape, seed=step)
            parameter.grad = torch.from_numpy(ours.gradient.copy())
        optimizer.step()
        twin.step()
        for ours, parameter in zip(net.param(), theirs, strict=True):
            close(ours.value, parameter.detach(), 1e-11)


def test_the_cosine_schedule_agrees_with_torch() -> None:
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], 1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    for step in range(20):
        assert schedule.get_last_lr()[0] == pytest.approx(minidl.cosine(step / 20), abs=1e-12)
        optimizer.step()
        schedule.step()


def test_a_training_run_agrees_with_torch() -> None:
    net = Sequential(
        Linear(2, 25, rng=rng(), dtype=float), minidl.Tanh(), Linear(25, 1, dtype=float)
    )
    twin = nn.Sequential(nn.Linear(2, 25), nn.Tanh(), nn.Linear(25, 1)).double()
    with torch.no_grad():
        for ours, theirs in zip(net.param(), twin.parameters(), strict=True):
            theirs.copy_(torch.from_numpy(ours.value.T))
    optimizer = minidl.SGD(net, 0.01)
    other = torch.optim.SGD(twin.parameters(), 0.01)
    loss = minidl.LossMSE()
    for step in range(100):
        x, target = numbers(10, 2, seed=step), numbers(10, 1, seed=-step - 1 + 1000)
        value = loss.forward(net.forward(x), target)
        net.zero_grad()
        net.backward(loss.backward())
        optimizer.step()
        expected = functional.mse_loss(
            twin(torch.from_numpy(x)), torch.from_numpy(target), reduction="sum"
        )
        other.zero_grad()
        expected.backward()
        other.step()
        assert float(value) == pytest.approx(expected.item(), rel=1e-10)
