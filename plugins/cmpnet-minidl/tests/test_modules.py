"""How modules behave: gradients, modes, weights, names and custom layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minidl
from minidl import (
    INITIALISATIONS,
    BatchNorm1d,
    Dropout,
    Layer,
    Linear,
    LossMSE,
    ReLU,
    Sequential,
    Tanh,
)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def test_importing_minidl_imports_no_other_package_than_numpy() -> None:
    code = (
        "import sys, numpy.random; before = set(sys.modules); import minidl; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names) - {'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['minidl']"


def test_the_source_of_minidl_names_no_other_package_than_numpy() -> None:
    for path in Path(minidl.__file__).parent.glob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("import ", "from ")):
                name = line.split()[1].partition(".")[0]
                assert name in {*sys.stdlib_module_names, "numpy", "minidl"}, (path, line)


# -- gradients and modes --------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [Linear(2, 3), BatchNorm1d(2)], ids=repr)
def test_gradients_accumulate_until_they_are_set_to_zero(layer: Layer) -> None:
    def forward_and_backward() -> None:
        layer.backward(np.cos(layer.forward(np.arange(8.0).reshape(4, 2))))

    forward_and_backward()
    first = [gradient.copy() for _, gradient in layer.param()]
    forward_and_backward()
    for (_, gradient), one in zip(layer.param(), first, strict=True):
        np.testing.assert_allclose(gradient, 2 * one, rtol=1e-5)
    layer.zero_grad()
    assert not any(gradient.any() for _, gradient in layer.param())
    forward_and_backward()
    for (_, gradient), one in zip(layer.param(), first, strict=True):
        np.testing.assert_allclose(gradient, one, rtol=1e-5)


def test_a_loss_has_no_gradients_to_set_to_zero() -> None:
    loss = LossMSE()
    loss.zero_grad()
    assert loss.param() == []


def test_calling_a_module_runs_forward() -> None:
    net = Sequential(Linear(2, 1))
    assert (net(ones(4, 2)) == net.forward(ones(4, 2))).all()


def test_the_next_forward_does_not_overwrite_an_output() -> None:
    net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1), Tanh())
    first = net.forward(ones(4, 2))
    copy = first.copy()
    net.forward(5 * ones(4, 2))
    assert (first == copy).all()


def test_an_input_may_be_changed_after_forward() -> None:
    layer = Linear(2, 1)
    x = ones(4, 2)
    layer.forward(x)
    x[...] = 9
    layer.backward(ones(4, 1))
    assert (layer.param()[0].gradient == 4).all()


def test_the_mode_reaches_every_layer() -> None:
    net = Sequential(Sequential(Dropout()), BatchNorm1d(2))
    net.train(False)
    assert not any(layer.training for layer in net.leaves())


def test_dropout_zeroes_a_share_p_and_keeps_the_mean() -> None:
    output = Dropout(0.3, rng=np.random.default_rng(0)).forward(np.ones((1000, 100)))
    assert (output == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert output.mean() == pytest.approx(1, abs=0.01)


# -- weights and names ----------------------------------------------------------------------------

BOUNDS = {"xavier": (6 / 500) ** 0.5, "uniform": 0.1}


@pytest.mark.parametrize("name", BOUNDS)
def test_uniform_weights_fill_their_interval(name: str) -> None:
    weight, bias = Linear(100, 400, init=name, rng=np.random.default_rng(0)).param()
    assert np.abs(weight.value).max() == pytest.approx(BOUNDS[name], rel=1e-3)
    assert weight.value.std() == pytest.approx(BOUNDS[name] / 3**0.5, rel=0.02)
    assert not bias.value.any()


def test_he_weights_have_a_variance_of_two_over_inputs() -> None:
    weight = Linear(100, 400, init="he", rng=np.random.default_rng(0)).param()[0].value
    assert weight.std() == pytest.approx(0.02**0.5, rel=0.02)


def test_the_same_generator_gives_the_same_weights() -> None:
    one, other = (Linear(2, 3, rng=np.random.default_rng(1)).param()[0].value for _ in "ab")
    assert (one == other).all()


def test_weights_have_the_names_of_torch() -> None:
    net = Sequential(Linear(2, 3), ReLU(), Sequential(BatchNorm1d(3)))
    assert list(net.state()) == [
        "0.weight", "0.bias",
        "2.0.weight", "2.0.bias", "2.0.running_mean", "2.0.running_variance",
    ]  # fmt: skip


def test_the_repr_of_a_network_shows_its_layers() -> None:
    net = Sequential(Linear(2, 3), minidl.LeakyReLU(), Dropout(), BatchNorm1d(3), Tanh())
    assert repr(net) == (
        "Sequential(Linear(2, 3), LeakyReLU(0.01), Dropout(0.5), BatchNorm1d(3), Tanh())"
    )


# -- custom layers --------------------------------------------------------------------------------


def test_a_custom_layer_needs_two_methods() -> None:
    class Square(Layer):
        def compute(self, x: np.ndarray) -> np.ndarray:
            self.x = x.copy()
            return x * x

        def derive(self, gradient: np.ndarray) -> np.ndarray:
            return 2 * self.x * gradient

    net = Sequential(Linear(2, 3, dtype=float), Square(), Linear(3, 1, dtype=float))
    assert minidl.gradient_error(net, np.random.default_rng(0).random((4, 2))) < 1e-6
    assert sorted(INITIALISATIONS) == ["he", "uniform", "xavier"]
