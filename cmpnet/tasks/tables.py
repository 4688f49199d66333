"""Samples in .csv and .npz files: numbers (N, ...) and the name of each sample's class.

Both readers refuse what they are not sure of, with a sentence that says where it is.
"""

from __future__ import annotations

import csv
import itertools
import math
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors

LABELS = ("label", "class", "target", "y")  # names of the column of classes
DELIMITERS = ",;\t"
MOST_CSV = 200_000_000  # bytes; every worker reads them, at 15 MB a second
MOST_NUMBERS = 100_000_000  # of all samples; every worker has them in memory
MOST_BYTES = 10 * MOST_NUMBERS  # of an unpacked .npz file
LARGEST = 1e30  # 32 bits end at 3e38, and a small SD makes standardised numbers larger


# -- CSV ------------------------------------------------------------------------------------------


def read_csv(path: Path) -> tuple[NDArray[np.float64], list[str]]:
    """The numbers (N, F) and the classes (N,) of a table with one sample per row.

    Columns are separated by commas, semicolons or tabs. The first row is a header if none of its
    values is a number. The class is in the column that the header calls "label", "class", "target"
    or "y", otherwise in the last one. Empty rows do not count.

    Raises:
        CmpnetError: the table cannot be used; the sentence names row and column as a spreadsheet
            counts them.
    """
    if (size := path.stat().st_size) > MOST_CSV:
        reason = f"it has {size / 1e6:.0f} MB, and a .csv file may have {MOST_CSV / 1e6:.0f}"
        raise errors.bad_samples(path, reason, "save it as .npz with X and y")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _parse(path, _rows(file))
    except UnicodeDecodeError:
        raise errors.bad_samples(path, "it is not UTF-8 text", "save it as UTF-8") from None
    except csv.Error as error:
        raise errors.bad_samples(path, f"it is not a table: {error}", "save it again") from None


def _rows(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with their numbers from 1."""
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    delimiter = max(DELIMITERS, key=first.count)
    for number, row in enumerate(csv.reader(file, delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield number, cells


def _parse(
    path: Path, rows: Iterator[tuple[int, list[str]]]
) -> tuple[NDArray[np.float64], list[str]]:
    number, first = next(rows, (0, []))
    if not first:
        raise errors.bad_samples(path, "it is empty", "give a table with one sample per row")
    has_header = not any(_is_number(cell) for cell in first)
    header = first if has_header else [""] * len(first)
    position = _position(path, header) if has_header else len(first) - 1
    if len(first) == 1:
        reason = "its rows have one column"
        raise errors.bad_samples(path, reason, "give columns of numbers and one of classes")
    columns = [name for place, name in enumerate(header) if place != position]
    values, labels = array("d"), []
    for place, row in rows if has_header else itertools.chain([(number, first)], rows):
        if len(row) != len(first):
            reason = f"row {place} has {len(row)} columns instead of {len(first)}"
            raise errors.bad_samples(path, reason, "give every row the same columns")
        if not row[position]:
            reason = f"row {place} has no class"
            raise errors.bad_samples(path, reason, "fill it in or remove the row")
        labels.append(row[position])
        cells = row[:position] + row[position + 1 :]
        try:
            numbers = [*map(float, cells)]
        except ValueError:
            numbers = []
        if not numbers or not all(-LARGEST <= value <= LARGEST for value in numbers):
            raise _bad_cell(path, place, cells, columns)
        values.extend(numbers)
    if not labels:
        raise errors.bad_samples(path, "it has a header but no rows", "add one row per sample")
    return np.array(values).reshape(len(labels), -1), labels


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _position(path: Path, header: Sequence[str]) -> int:
    """The column of the classes."""
    for name, count in Counter(header).items():
        if not name:
            reason = f"column {header.index(name) + 1} has no name in its header"
            remedy = "name it, or remove it if it only numbers the rows"
            raise errors.bad_samples(path, reason, remedy)
        if count > 1:
            reason = f"its header has the column {name!r} {count} times"
            raise errors.bad_samples(path, reason, "give each column its own name")
    named = [place for place, name in enumerate(header) if name.lower() in LABELS]
    if len(named) > 1:
        names = " and ".join(repr(header[place]) for place in named)
        reason = f"its columns {names} could all be the class"
        raise errors.bad_samples(path, reason, "rename or remove all but one")
    return named[0] if named else len(header) - 1


def _bad_cell(
    path: Path, row: int, cells: Sequence[str], header: Sequence[str]
) -> errors.CmpnetError:
    """What is wrong with the first value of a row that is not a usable number."""
    place, cell = next(
        (place, cell)
        for place, cell in enumerate(cells)
        if not _is_number(cell) or not -LARGEST <= float(cell) <= LARGEST
    )
    column = repr(header[place]) if header[place] else str(place + 1)
    if not cell:
        return errors.bad_samples(
            path, f"row {row}, column {column} is empty", "fill it in or remove the row"
        )
    shown = repr(cell if len(cell) < 40 else f"{cell[:36]}...")
    kind = "a finite number" if _is_number(cell) else "a number"
    if _is_number(cell) and math.isfinite(float(cell)):
        kind = f"a number from {-LARGEST:g} to {LARGEST:g}"
    reason = f"row {row}, column {column} is {shown}, not {kind}"
    return errors.bad_samples(path, reason, "correct it, or remove the row or the column")


# -- npz ------------------------------------------------------------------------------------------


def read_npz(path: Path, *, numbers: bool = False) -> tuple[NDArray[Any], list[str]]:
    """The array X (N, ...) and the classes y (N,), whole numbers or texts, of ``numpy.savez``.

    With ``numbers``, y may be any numbers, which are then written as texts.

    Raises:
        CmpnetError: the file is damaged, lacks an array, or an array cannot be used. Python
            objects are not loaded, since loading them runs code.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            reason = f"its arrays have {size / 1e6:.0f} MB, and may have {MOST_BYTES / 1e6:.0f}"
            raise errors.bad_samples(path, reason, "give fewer samples or smaller types")
        with np.load(path, allow_pickle=False) as file:
            names = file.files
            inputs = next((name for name in ("X", "x") if name in names), "")
            if not inputs or "y" not in names:
                reason = f"its arrays are {', '.join(map(repr, names[:12])) or 'none'}"
                raise errors.bad_samples(path, reason, "save it with numpy.savez(FILE, X=X, y=y)")
            x, y = (_array(path, file, name) for name in (inputs, "y"))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        if isinstance(error, errors.CmpnetError):
            raise
        reason = f"it is not an .npz file or is damaged ({error})"
        raise errors.bad_samples(path, reason, "save it again with numpy.savez") from None
    _check_inputs(path, inputs, x)
    labels = _labels(path, y, numbers)
    if len(x) != len(labels):
        reason = f"{inputs} has {len(x)} samples and y has {len(labels)}"
        raise errors.bad_samples(path, reason, "save one class per sample")
    return x if x.ndim > 2 else x.astype(np.float64), labels


def _array(path: Path, file: Any, name: str) -> NDArray[Any]:
    try:
        return np.asarray(file[name])
    except (ValueError, MemoryError) as error:
        reason = f"its array {name} cannot be read ({error})"
        if "pickle" in str(error):
            reason = f"its array {name} has Python objects, which may run code when they are loaded"
        raise errors.bad_samples(path, reason, "save numbers, or texts for y") from None


def _check_inputs(path: Path, name: str, x: NDArray[Any]) -> None:
    if x.dtype.kind not in "biuf":
        reason = f"{name} has the type {x.dtype}"
        raise errors.bad_samples(path, reason, "save real numbers")
    if x.ndim < 2 or not x.size:
        reason = f"{name} has the shape {x.shape}"
        raise errors.bad_samples(path, reason, "its shape must be (samples, features, ...)")
    if x.size > MOST_NUMBERS:
        reason = f"{name} has {x.size / 1e6:.0f} million numbers"
        raise errors.bad_samples(path, reason, f"give at most {MOST_NUMBERS / 1e6:.0f} million")
    if x.dtype.kind == "f":
        usable = np.isfinite(x) & (np.abs(x) <= LARGEST)
        if not usable.all():
            place = tuple(np.argwhere(~usable)[0].tolist())
            reason = (
                f"{name}{[*place]} is {x[place]}, not a number from {-LARGEST:g} to {LARGEST:g}"
            )
            raise errors.bad_samples(path, reason, "correct it or remove the sample")


def _labels(path: Path, y: NDArray[Any], numbers: bool) -> list[str]:
    """The name of each sample's class."""
    if y.ndim != 1:
        reason = f"y has the shape {y.shape}"
        raise errors.bad_samples(path, reason, "save one class per sample, of shape (samples,)")
    if numbers and y.dtype.kind == "f":
        return [repr(value) for value in y.astype(np.float64).tolist()]
    if y.dtype.kind in "biuU":
        return [str(label) for label in y.tolist()]
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.rint(y)).all():
        return [f"{label:.0f}" for label in y.tolist()]
    reason = f"y has the type {y.dtype}"
    if y.dtype.kind == "f":
        reason = "y has numbers that are not whole"
        remedy = "save classes as whole numbers or texts; linear-regression predicts other numbers"
        raise errors.bad_samples(path, reason, remedy)
    raise errors.bad_samples(path, reason, "save classes as whole numbers or texts")
