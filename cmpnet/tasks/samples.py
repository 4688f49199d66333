"""Labelled samples of the user's own: a .csv or .npz file, or a folder of images, read once.

What is read stays in memory until the file or a file of the folder changes.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.decoding import has_control_characters
from cmpnet.tasks.images import read_images
from cmpnet.tasks.tables import LABELS, LARGEST, read_csv, read_npz

FEWEST = 3  # samples of a class: one each for training, validation and test


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Every sample of a file or folder.

    Attributes:
        x: inputs (N, ...).
        labels: number of each sample's class (N,).
        classes: names of the classes in the order of their numbers.
    """

    x: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Every sample of a file.

    Attributes:
        x: inputs (N, ...).
        y: the number of each sample (N,).
    """

    x: NDArray[Any]
    y: NDArray[np.float64]


def samples(data: str | None, size: int | None) -> Samples:
    """The samples of a file or folder; read once until it changes.

    Args:
        data: path of the file or folder.
        size: side in pixels that images are resized to; None if they have one size.

    Raises:
        CmpnetError: no path is given, or what it leads to cannot be used; the sentence says why.
    """
    return _samples(*_state(data), size)


def numbers(data: str | None) -> Numbers:
    """The samples of a file with a number each; read once until it changes.

    Raises:
        CmpnetError: no path is given, or what it leads to cannot be used; the sentence says why.
    """
    return _numbered(*_state(data, "regression"))


def fingerprint(data: str | None, size: int | None) -> str:
    """SHA-256 of the samples and of the names of their classes, whatever the format of the file.

    Raises:
        CmpnetError: as :func:`samples`.
    """
    return _fingerprint(*_state(data), size)


def fingerprint_of_numbers(data: str | None) -> str:
    """SHA-256 of the samples and their numbers, whatever the format of the file.

    Raises:
        CmpnetError: as :func:`numbers`.
    """
    return _fingerprint_of_numbers(*_state(data, "regression"))


Files = tuple[tuple[str, int, int], ...]  # paths, times of the last change in ns, sizes


def _state(data: str | None, task: str = "classes") -> tuple[Path, Files]:
    """The file or folder, and what shows that it was changed."""
    if not data:
        raise errors.no_samples_given(task)
    path = Path(data).expanduser().absolute()
    try:
        stats = [(str(path), path.stat()), *_stats_inside(path)]
    except (FileNotFoundError, NotADirectoryError):
        raise errors.missing_samples(path) from None
    except OSError as error:
        raise errors.bad_samples(path, _reason(error), "give a file that you may read") from None
    return path, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _stats_inside(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Files in the subfolders of a folder, 50,000 in 0.6 s; nothing for a file."""
    if path.is_dir():
        for kind in sorted(os.scandir(path), key=lambda entry: entry.name):
            if kind.is_dir():
                files = (entry for entry in os.scandir(kind) if entry.is_file())
                yield from sorted((entry.path, entry.stat()) for entry in files)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


@lru_cache(maxsize=2)
def _samples(path: Path, _: Files, size: int | None) -> Samples:
    return _classified(path, *_read(path, size))


@lru_cache(maxsize=2)
def _numbered(path: Path, _: Files) -> Numbers:
    x, texts = _read(path, None, numbers=True)
    if len(texts) < FEWEST:
        reason = f"it has {len(texts)} samples"
        raise errors.bad_samples(path, reason, f"give {FEWEST} or more")
    for place, text in enumerate(texts, 1):
        if not _is_usable(text):
            reason = f"sample {place} has {text!r} to predict, which is not a number"
            remedy = "correct it; for classes use 'linear', 'mlp' or another network of that task"
            raise errors.bad_samples(path, reason, remedy)
    y = np.array(texts, np.float64)
    if (y == y[0]).all():
        reason = f"all of its samples have the number {texts[0]} to predict"
        raise errors.bad_samples(path, reason, "give samples that differ")
    for values in (x, y):
        values.flags.writeable = False
    return Numbers(x, y)


def _is_usable(text: str) -> bool:
    try:
        return abs(float(text)) <= LARGEST
    except ValueError:
        return False


def _read(path: Path, size: int | None, *, numbers: bool = False) -> tuple[Any, list[str]]:
    """The inputs (N, ...) and the text that each sample is labelled with."""
    try:
        if path.is_dir() and not numbers:
            return read_images(path, size)
        if size is not None:
            reason = "'size' is for a folder of images, and this is a file"
            raise errors.bad_samples(path, reason, "leave --size out")
        if not path.is_file():
            remedy = "give a file" if numbers else "give a file or a folder"
            raise errors.bad_samples(path, "it is not a regular file", remedy)
        if path.suffix.lower() == ".csv":
            return read_csv(path)
        if path.suffix.lower() == ".npz":
            return read_npz(path, numbers=numbers)
    except OSError as error:
        if isinstance(error, errors.CmpnetError):
            raise
        raise errors.bad_samples(path, _reason(error), "give a file that you may read") from None
    reason = f"its name ends in '{path.suffix}'" if path.suffix else "its name has no ending"
    remedy = "give a .csv file, a .npz file" + ("" if numbers else ", or a folder of images")
    raise errors.bad_samples(path, reason, remedy)


def _classified(path: Path, x: NDArray[Any], labels: Sequence[str]) -> Samples:
    """The samples with numbered classes, all checks done."""
    classes = _ordered(set(labels))
    for name in classes:
        if not name.strip() or has_control_characters(name):
            reason = f"the name {name!r} of a class is empty or has control characters"
            raise errors.bad_samples(path, reason, "rename the class")
    if len(classes) == 1:
        reason = f"all of its samples have the class '{classes[0]}'"
        raise errors.bad_samples(path, reason, "give samples of at least two classes")
    numbers = {name: number for number, name in enumerate(classes)}
    numbered = np.array([numbers[label] for label in labels], np.int64)
    counts = np.bincount(numbered)
    if counts.min() < FEWEST:
        rare = np.flatnonzero(counts < FEWEST)
        reason = f"its class '{classes[rare[0]]}' has fewer than {FEWEST} samples"
        if len(rare) > 1:
            reason = f"{len(rare)} of its {len(classes)} classes have fewer than {FEWEST} samples"
        remedy = "add samples or remove the class"
        if len(rare) > 1 and path.suffix.lower() == ".csv":
            remedy = f"the class must be the last column, or the one named {' or '.join(LABELS)}"
        raise errors.bad_samples(path, reason, remedy)
    x.flags.writeable = False
    numbered.flags.writeable = False
    return Samples(x, numbered, tuple(classes))


def _ordered(names: set[str]) -> list[str]:
    """Names in numerical order if all are numbers, otherwise in alphabetical order.

    >>> _ordered({"10", "9"}), _ordered({"b", "a", "10"})
    (['9', '10'], ['10', 'a', 'b'])
    """
    try:
        numbers = {name: float(name) for name in names}
    except ValueError:
        return sorted(names)
    if not all(map(math.isfinite, numbers.values())):
        return sorted(names)
    return sorted(names, key=lambda name: (numbers[name], name))


@lru_cache(maxsize=2)
def _fingerprint(path: Path, files: Files, size: int | None) -> str:
    read = _samples(path, files, size)
    return _digest(str(read.classes), read.x, read.labels)


@lru_cache(maxsize=2)
def _fingerprint_of_numbers(path: Path, files: Files) -> str:
    read = _numbered(path, files)
    return _digest("numbers", read.x, read.y)


def _digest(about: str, x: NDArray[Any], y: NDArray[Any]) -> str:
    digest = hashlib.sha256(f"{x.shape} {x.dtype} {about}".encode())
    for array in (x, y):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def standardised(
    x: NDArray[Any], train: NDArray[np.int64], measured: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two parts of some inputs, standardised by the first: each feature of a table on its own.

    The values of images and of other arrays are standardised together.
    """
    own = x[train]
    axis = 0 if own.ndim == 2 else None
    mean, sd = own.mean(axis, dtype=np.float64), own.std(axis, dtype=np.float64)
    sd = np.where(sd > 1e-9 * np.abs(mean), sd, 1.0)  # of a constant, rounding leaves about 1e-16

    def part(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        # The columns of a table may be far from 0, such as a time; images take half the memory.
        values: NDArray[Any] = x[rows].astype(np.float64 if own.ndim == 2 else np.float32)
        np.subtract(values, mean.astype(values.dtype), out=values)
        np.divide(values, sd.astype(values.dtype), out=values)
        return values.astype(np.float32, copy=False)

    return part(train), part(measured)
