"""Files of weights: what is saved is loaded, and files that do not fit are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import minidl
from minidl import BatchNorm1d, Linear, MinidlError, Sequential


def make(outputs: int = 1, repeats: int = 3) -> Sequential:
    net = Sequential(Linear(2, 3), BatchNorm1d(3), Linear(3, outputs))
    net.draw([np.random.default_rng(seed) for seed in range(repeats)])
    return net


def test_load_restores_what_save_wrote(tmp_path: Path) -> None:
    net, other = make(), make()
    net.forward(np.random.default_rng(0).random((3, 5, 2)))
    other.draw([np.random.default_rng(9)] * 3)
    minidl.save(net, tmp_path / "weights")
    minidl.load(other, tmp_path / "weights")
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]
    for name, value in net.state().items():
        assert (other.state()[name] == value).all()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (make(2), r"'2.weight' has shape \(3, 3, 1\); the network has \(3, 3, 2\)"),
        (make(1, 2), r"'0.weight' has shape \(3, 2, 3\); the network has \(2, 2, 3\)"),
        (
            Sequential(Linear(2, 3)),
            r"it has \['0.bias', .*, the network has \['0.bias', '0.weight'\]",
        ),
    ],
    ids=["shape", "repeats", "layers"],
)
def test_weights_of_another_network_are_refused(other: Sequential, message: str) -> None:
    minidl.save(make(), "weights.npz")
    before = {name: value.copy() for name, value in other.state().items()}
    with pytest.raises(MinidlError, match=message):
        minidl.load(other, "weights.npz")
    assert all((other.state()[name] == value).all() for name, value in before.items())


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04nothing", b"\x93NUMPY\x01"])
def test_a_file_that_is_not_an_npz_file_is_refused(content: bytes) -> None:
    Path("weights.npz").write_bytes(content)
    with pytest.raises(MinidlError, match=r"'weights\.npz' does not fit"):
        minidl.load(make(), "weights.npz")


def test_a_single_array_and_a_pickle_are_refused() -> None:
    np.save("one.npy", np.ones(3))
    np.savez("pickle.npz", weight=np.array([object()], dtype=object))
    for path in ("one.npy", "pickle.npz"):
        with pytest.raises(MinidlError, match=r"not an \.npz file of arrays"):
            minidl.load(make(), path)
