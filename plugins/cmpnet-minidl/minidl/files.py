"""Weights in files: numpy's .npz, without pickle, so that loading one runs no code."""

from __future__ import annotations

import os
import zipfile

import numpy as np

from minidl import errors
from minidl.module import Module

Path = str | os.PathLike[str]


def save(net: Module, path: Path) -> None:
    """Write the parameters (and what BatchNorm1d remembers) to a .npz file, under any name.

    The file is complete or not there: it takes its name once it is written.
    """
    part = f"{os.fspath(path)}.part"
    with open(part, "wb") as file:
        np.savez(file, allow_pickle=False, **net.state())
    os.replace(part, path)


def load(net: Module, path: Path) -> None:
    """Read what :func:`save` wrote into a network of the same layers and the same repeats.

    Raises:
        MinidlError: the file is no such file, or does not fit; the network is left as it was.
        OSError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            stored = dict(arrays)
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise errors.wrong_file(path, f"it is no .npz file of arrays ({error})") from None
    state = net.state()
    if stored.keys() != state.keys():
        raise errors.wrong_file(path, f"it has {sorted(stored)}, the network {sorted(state)}")
    for name, value in state.items():
        if stored[name].shape != value.shape:
            raise errors.wrong_file(
                path, f"'{name}' has shape {stored[name].shape}, in the network {value.shape}"
            )
    for name, value in state.items():
        value[...] = stored[name]
