"""What the framework promises beside its numbers: gradients add up, clear errors, files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import minidl
from minidl import (
    INITIALISATIONS,
    SGD,
    Adam,
    BatchNorm1d,
    Dropout,
    Layer,
    Linear,
    Loss,
    LossBCE,
    LossCrossEntropy,
    LossMSE,
    MinidlError,
    Module,
    Optimizer,
    OrderError,
    ReLU,
    Sequential,
    ShapeError,
    Tanh,
)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def rngs(repeats: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(repeats)]


# -- what it does -------------------------------------------------------------------------------


def test_minidl_imports_numpy_alone() -> None:
    code = (
        "import sys, numpy.random; before = set(sys.modules); import minidl; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names) - {'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['minidl']"


def test_the_source_of_minidl_imports_numpy_alone() -> None:
    for path in Path(minidl.__file__).parent.glob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("import ", "from ")):
                name = line.split()[1].partition(".")[0]
                assert name in {*sys.stdlib_module_names, "numpy", "minidl"}, (path, line)


@pytest.mark.parametrize("layer", [Linear(2, 3), BatchNorm1d(2)], ids=repr)
def test_gradients_add_up_until_they_are_set_to_zero(layer: Layer) -> None:
    def once() -> None:
        layer.backward(np.cos(layer.forward(np.arange(8.0).reshape(4, 2))))

    once()
    first = [gradient.copy() for _, gradient in layer.param()]
    once()
    for (_, gradient), one in zip(layer.param(), first, strict=True):
        np.testing.assert_allclose(gradient, 2 * one, rtol=1e-5)
    layer.zero_grad()
    assert not any(gradient.any() for _, gradient in layer.param())
    once()
    for (_, gradient), one in zip(layer.param(), first, strict=True):
        np.testing.assert_allclose(gradient, one, rtol=1e-5)


def test_a_loss_has_nothing_to_set_to_zero() -> None:
    loss = LossMSE()
    loss.zero_grad()
    assert loss.param() == []


def test_a_call_is_forward() -> None:
    net = Sequential(Linear(2, 1))
    assert (net(ones(4, 2)) == net.forward(ones(4, 2))).all()


def test_an_output_is_not_written_over_by_the_next_one() -> None:
    net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1), Tanh())
    first = net.forward(ones(4, 2))
    kept = first.copy()
    net.forward(5 * ones(4, 2))
    assert (first == kept).all()


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


def test_dropout_drops_the_share_p_and_keeps_the_mean() -> None:
    output = Dropout(0.3, rng=np.random.default_rng(0)).forward(np.ones((1000, 100)))
    assert (output == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert output.mean() == pytest.approx(1, abs=0.01)


BOUNDS = {"xavier": (6 / 500) ** 0.5, "uniform": 0.1}


@pytest.mark.parametrize("name", BOUNDS)
def test_uniform_weights_fill_their_interval(name: str) -> None:
    weight, bias = Linear(100, 400, init=name, rng=np.random.default_rng(0)).param()
    assert np.abs(weight.value).max() == pytest.approx(BOUNDS[name], rel=1e-3)
    assert weight.value.std() == pytest.approx(BOUNDS[name] / 3**0.5, rel=0.02)
    assert not bias.value.any()


def test_he_weights_have_variance_two_by_inputs() -> None:
    weight = Linear(100, 400, init="he", rng=np.random.default_rng(0)).param()[0].value
    assert weight.std() == pytest.approx(0.02**0.5, rel=0.02)


def test_the_same_generator_gives_the_same_weights() -> None:
    one, other = (Linear(2, 3, rng=np.random.default_rng(1)).param()[0].value for _ in "ab")
    assert (one == other).all()


def test_names_are_those_of_torch() -> None:
    net = Sequential(Linear(2, 3), ReLU(), Sequential(BatchNorm1d(3)))
    assert list(net.state()) == [
        "0.weight", "0.bias",
        "2.0.weight", "2.0.bias", "2.0.running_mean", "2.0.running_variance",
    ]  # fmt: skip


def test_a_network_says_what_it_is() -> None:
    net = Sequential(Linear(2, 3), minidl.LeakyReLU(), Dropout(), BatchNorm1d(3), Tanh())
    assert repr(net) == (
        "Sequential(Linear(2, 3), LeakyReLU(0.01), Dropout(0.5), BatchNorm1d(3), Tanh())"
    )


# -- files --------------------------------------------------------------------------------------


def make(outputs: int = 1, repeats: int = 3) -> Sequential:
    net = Sequential(Linear(2, 3), BatchNorm1d(3), Linear(3, outputs))
    net.draw(rngs(repeats))
    return net


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    net, other = make(), make()
    net.forward(np.random.default_rng(0).random((3, 5, 2)))
    other.draw([np.random.default_rng(9)] * 3)
    minidl.save(net, tmp_path / "weights")
    minidl.load(other, tmp_path / "weights")
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]
    for name, value in net.state().items():
        assert (other.state()[name] == value).all()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (make(2), r"'2.weight' has shape \(3, 3, 1\), in the network \(3, 3, 2\)"),
        (make(1, 2), r"'0.weight' has shape \(3, 2, 3\), in the network \(2, 2, 3\)"),
        (Sequential(Linear(2, 3)), r"it has \['0.bias', .*, the network \['0.bias', '0.weight'\]"),
    ],
    ids=["shape", "repeats", "layers"],
)
def test_weights_of_another_network_are_refused(other: Sequential, said: str) -> None:
    minidl.save(make(), "weights.npz")
    before = {name: value.copy() for name, value in other.state().items()}
    with pytest.raises(MinidlError, match=said):
        minidl.load(other, "weights.npz")
    assert all((other.state()[name] == value).all() for name, value in before.items())


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04nothing", b"\x93NUMPY\x01"])
def test_a_file_that_is_no_npz_is_refused(content: bytes) -> None:
    Path("weights.npz").write_bytes(content)
    with pytest.raises(MinidlError, match=r"'weights\.npz' does not fit"):
        minidl.load(make(), "weights.npz")


def test_a_single_array_and_a_pickle_are_refused() -> None:
    np.save("one.npy", np.ones(3))
    np.savez("pickle.npz", weight=np.array([object()], dtype=object))
    for path in ("one.npy", "pickle.npz"):
        with pytest.raises(MinidlError, match=r"no \.npz file of arrays"):
            minidl.load(make(), path)


# -- what it refuses ----------------------------------------------------------------------------


def twice() -> None:
    relu = ReLU()
    Sequential(Linear(2, 3), relu, Linear(3, 3), relu)


def elsewhere() -> None:
    relu = ReLU()
    Sequential(Linear(2, 3), relu)
    Sequential(relu)


def in_one_network(*modules: Module) -> None:
    Sequential(*modules).forward(ones(4, 2))


def repeats_of_two() -> Linear:
    layer = Linear(2, 3)
    layer.draw(rngs(2))
    return layer


def backward(module: Module, gradient: np.ndarray, x: np.ndarray | None = None) -> None:
    if x is not None:
        module.forward(x)
    module.backward(gradient)


def drawn_anew() -> None:
    layer = Linear(2, 3)
    layer.forward(ones(3, 4, 2))
    layer.draw(rngs(2))
    layer.forward(ones(3, 4, 2))


def two_backwards() -> None:
    relu = ReLU()
    relu.forward(relu.forward(ones(1, 2)))
    relu.backward(relu.backward(ones(1, 2)))


REFUSED: dict[str, tuple[Callable[[], object], type[MinidlError], str]] = {
    "other features": (
        lambda: in_one_network(ReLU(), Linear(3, 1)),
        ShapeError,
        r"layer 1 Linear\(3, 1\): the input has shape \(4, 2\), it must have \(\.\.\., B, 3\)",
    ),
    "in a nested network": (
        lambda: in_one_network(ReLU(), Sequential(Linear(3, 1))),
        ShapeError,
        r"layer 1\.0 Linear\(3, 1\): the input has shape \(4, 2\)",
    ),
    "a sample without a batch": (
        lambda: Linear(3, 1).forward(ones(3)),
        ShapeError,
        r"Linear\(3, 1\): the input has shape \(3,\), it must have \(\.\.\., B, 3\)",
    ),
    "other repeats": (
        lambda: repeats_of_two().forward(ones(3, 4, 2)),
        ShapeError,
        r"the input has shape \(3, 4, 2\), it must have \(2, B, 2\)",
    ),
    "other repeats than those drawn anew": (
        drawn_anew,
        ShapeError,
        r"the input has shape \(3, 4, 2\), it must have \(2, B, 2\)",
    ),
    "other features to normalise": (
        lambda: BatchNorm1d(3).forward(ones(4, 2)),
        ShapeError,
        r"BatchNorm1d\(3\): the input has shape \(4, 2\), it must have \(\.\.\., B, 3\)",
    ),
    "other repeats to normalise": (
        lambda: make().modules[1].forward(ones(2, 4, 3)),
        ShapeError,
        r"the input has shape \(2, 4, 3\), it must have \(3, B, 3\)",
    ),
    "one sample to normalise": (
        lambda: BatchNorm1d(3).forward(ones(1, 3)),
        ShapeError,
        "two samples or more to train on",
    ),
    "other repeats to drop": (
        lambda: Dropout(rng=rngs(2)).forward(ones(3, 4, 5)),
        ShapeError,
        r"Dropout\(0\.5\): the input has shape \(3, 4, 5\), it must have \(2, B, features\)",
    ),
    "another gradient": (
        lambda: backward(Linear(2, 3), ones(4, 2), ones(4, 2)),
        ShapeError,
        r"Linear\(2, 3\): the gradient has shape \(4, 2\), it must have \(4, 3\)",
    ),
    "a target that would be broadcast": (
        lambda: LossMSE().forward(ones(4, 1), ones(4)),
        ShapeError,
        r"LossMSE\(\): the target has shape \(4,\), it must have \(4, 1\)",
    ),
    "an output without a batch": (
        lambda: LossMSE().forward(ones(4), ones(4)),
        ShapeError,
        r"the output has shape \(4,\), it must have \(\.\.\., B, features\)",
    ),
    "targets for every class": (
        lambda: LossCrossEntropy().forward(ones(4, 3), ones(4, 3)),
        ShapeError,
        r"the target has shape \(4, 3\), it must have \(4,\)",
    ),
    "a class too many": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([3])),
        MinidlError,
        r"target is array\(\[3\]\); it must be whole, 0 to 2",
    ),
    "a class below zero": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([-1])),
        MinidlError,
        "whole, 0 to 2",
    ),
    "a broken class": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([0.5])),
        MinidlError,
        "whole, 0 to 2",
    ),
    "backward before forward": (
        lambda: backward(Sequential(Linear(2, 3), ReLU()), ones(4, 3)),
        OrderError,
        r"layer 1 ReLU\(\): backward without a forward before it",
    ),
    "two backwards after one forward": (two_backwards, OrderError, "used twice needs two objects"),
    "a loss's backward before forward": (
        lambda: LossBCE().backward(),
        OrderError,
        r"LossBCE\(\): backward without a forward",
    ),
    "one object in two places": (twice, MinidlError, r"ReLU\(\) is already layer 1"),
    "one object in two networks": (elsewhere, MinidlError, r"ReLU\(\) is already layer 1"),
    "weights of a part drawn": (
        lambda: Sequential(Linear(2, 3)).modules[0].draw(),
        OrderError,
        r"layer 0 Linear\(2, 3\) is inside a Sequential",
    ),
    "two types": (
        lambda: Sequential(Linear(2, 3), Linear(3, 1, dtype=float)),
        MinidlError,
        r"Linear\(3, 1\) has float64, the layers before it have float32",
    ),
    "two numbers of repeats": (
        lambda: Sequential(repeats_of_two(), Linear(3, 1)),
        MinidlError,
        r"Linear\(3, 1\) has no repeats axis, the layers before it have 2 repeats",
    ),
    "an unknown initialisation": (
        lambda: Linear(2, 3, init="xaver"),
        MinidlError,
        r"no initialisation of Linear\(2, 3\) 'xaver'; known: xavier, uniform, he",
    ),
    "an unknown reduction": (
        lambda: LossMSE("max"),  # type: ignore[arg-type]
        MinidlError,
        "no reduction of LossMSE 'max'; known: sum, mean",
    ),
    "no inputs": (lambda: Linear(0, 3), MinidlError, r"inputs is 0; it must be at least 1"),
    "no outputs": (lambda: Linear(2, 0), MinidlError, r"outputs is 0; it must be at least 1"),
    "no features": (lambda: BatchNorm1d(0), MinidlError, "features is 0; it must be at least 1"),
    "dropping everything": (lambda: Dropout(1), MinidlError, "p is 1; it must be at least 0"),
    "nothing to train": (lambda: SGD(ReLU(), 0.1), MinidlError, "has no parameters to train"),
    "an empty network": (lambda: SGD(Sequential(), 0.1), MinidlError, "has no parameters"),
    "a negative lr": (lambda: SGD(make(), -1), MinidlError, "SGD: lr is -1; it must be at least 0"),
    "too much momentum": (
        lambda: SGD(make(), 1, momentum=1),
        MinidlError,
        "momentum is 1; it must be at least 0 and below 1",
    ),
    "a beta of one": (lambda: Adam(make(), betas=(0.9, 1)), MinidlError, r"betas is \(0\.9, 1\)"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_what_was_given_and_what_is_allowed(what: str) -> None:
    act, kind, said = REFUSED[what]
    with pytest.raises(kind, match=said):
        act()


def test_a_refused_network_leaves_its_layers_free() -> None:
    relu, first = ReLU(), Linear(2, 2)
    with pytest.raises(MinidlError, match="already"):
        Sequential(first, relu, relu)
    assert Sequential(first, relu).forward(ones(4, 2)).shape == (4, 2)


UNSAID: dict[str, Callable[[], object]] = {
    "forward": lambda: Module().forward(ones(1, 1)),
    "backward": lambda: Module().backward(ones(1, 1)),
    "draw": lambda: Module().draw(),
    "settle": lambda: Module()._settle(make().flat),  # type: ignore[arg-type]
    "compute": lambda: Layer().compute(ones(1, 1)),
    "derive": lambda: Layer().derive(ones(1, 1)),
    "loss": lambda: Loss("sum").forward(ones(1, 1), ones(1, 1)),
    "update": lambda: Optimizer(make(), 0.1).step(),
}


@pytest.mark.parametrize("what", UNSAID)
def test_what_a_class_of_one_s_own_does_not_say_is_an_error(what: str) -> None:
    with pytest.raises(NotImplementedError):
        UNSAID[what]()


def test_a_layer_of_one_s_own_needs_two_methods() -> None:
    class Square(Layer):
        def compute(self, x: np.ndarray) -> np.ndarray:
            self.x = x.copy()
            return x * x

        def derive(self, gradient: np.ndarray) -> np.ndarray:
            return 2 * self.x * gradient

    net = Sequential(Linear(2, 3, dtype=float), Square(), Linear(3, 1, dtype=float))
    assert minidl.gradient_error(net, np.random.default_rng(0).random((4, 2))) < 1e-6
    assert sorted(INITIALISATIONS) == ["he", "uniform", "xavier"]
