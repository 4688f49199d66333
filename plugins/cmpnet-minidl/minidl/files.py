"""Saving and loading weights as .npz files without pickle, so that loading runs no code."""

from __future__ import annotations

import os
import zipfile

import numpy as np

from minidl import errors
from minidl.module import Module

Path = str | os.PathLike[str]


def save(net: Module, path: Path) -> None:
    """Write the parameters of a network, and the running means of BatchNorm1d, to a .npz file.

    The file is written under a temporary name and then renamed, so it is never incomplete.

    Args:
        net: the network to save.
        path: name of the file; the ending is not changed.

    Raises:
        OSError: the file cannot be written.
    """
    part = f"{os.fspath(path)}.part"
    with open(part, "wb") as file:
        np.savez(file, allow_pickle=False, **net.state())
    os.replace(part, path)


def load(net: Module, path: Path) -> None:
    """Read a file that :func:`save` wrote into a network.

    Args:
        net: a network with the same layers and the same number of repeats.
        path: name of the file.

    Raises:
        MinidlError: the file is not a .npz file, or does not fit. The network is unchanged.
        OSError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            stored = dict(arrays)
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise errors.wrong_file(path, f"it is not an .npz file of arrays ({error})") from None
    state = net.state()
    if stored.keys() != state.keys():
        raise errors.wrong_file(path, f"it has {sorted(stored)}, the network has {sorted(state)}")
    for name, value in state.items():
        if stored[name].shape != value.shape:
            raise errors.wrong_file(
                path,
                f"'{name}' has shape {stored[name].shape}; the network has {value.shape}",
            )
    for name, value in state.items():
        value[...] = stored[name]
