"""MNIST at 14x14, exact to a quarter of a grey level: reads IDX files and the packaged file.

A 14x14 pixel is the mean of 2x2 original pixels, so their sum is a whole number from 0 to 1020:
ten bits, packed as eight high and two low bits. All 70,000 digits compress to about 6.4 MB.

    python -m cmpnet.tasks.mnist FOLDER [OUT]     pack a folder of the original IDX files
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors

PACKED = Path(__file__).with_name("mnist14.npz")
PACKED_SHA256 = "cf1d6b4517baf857da2b7491d41f16a661c84b5a44b9f984a38afdf91d61ce33"

SIDE = 14
IDX_NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
IDX_MAGIC = {3: 0x0803, 1: 0x0801}  # unsigned bytes in 3 or 1 dimensions
MNIST_COUNTS = {"train": 60_000, "test": 10_000}
MNIST_MD5 = {  # of the uncompressed files
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


@dataclass(frozen=True, slots=True)
class Digits:
    """All digits of one split.

    Attributes:
        sums: four times the grey levels, (N, 14, 14) from 0 to 1020.
        labels: classes (N,) from 0 to 9.
    """

    sums: NDArray[np.uint16]
    labels: NDArray[np.uint8]


Source = dict[str, Digits]  # by part, "train" and "test"


# -- IDX files ------------------------------------------------------------------------------------


def find_idx(folder: Path, name: str) -> Path:
    """Find an IDX file, plain or .gz, in a folder or where torchvision puts it.

    Raises:
        CmpnetError: the folder does not exist, or the file is not in it.
    """
    if not folder.is_dir():
        raise errors.no_data_folder(folder)
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for ending in ("", ".gz"):
            path = place / (name + ending)
            if path.is_file():
                return path
    raise errors.missing_data_file(folder, name)


def read_bytes(path: Path) -> bytes:
    """The uncompressed content of a file.

    Raises:
        CmpnetError: the file cannot be read, or its compressed data is damaged or truncated.
    """
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise errors.bad_data_file(path, f"{type(error).__name__}: {error}") from error


def parse_idx(path: Path, content: bytes, dimensions: int) -> NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes.

    Args:
        path: the file, for error messages.
        content: its uncompressed bytes.
        dimensions: number of dimensions of the array.

    Raises:
        CmpnetError: the magic number or the size is wrong.
    """
    header = 4 + 4 * dimensions
    magic = int.from_bytes(content[:4], "big")
    if len(content) < header or magic != IDX_MAGIC[dimensions]:
        expected = f"{IDX_MAGIC[dimensions]:#06x}"
        raise errors.bad_data_file(path, f"its magic number is {magic:#06x} instead of {expected}")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", dimensions, offset=4))
    size = int(np.prod(shape, dtype=np.int64))
    if len(content) - header != size:
        actual = len(content) - header
        raise errors.bad_data_file(path, f"its header promises {size} bytes, it has {actual}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def pool(images: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Sums over 2x2 pixels: (N, 28, 28) bytes to (N, 14, 14) with values from 0 to 1020.

    >>> int(pool(np.full((1, 28, 28), 255, np.uint8)).max())
    1020
    """
    blocks = images.reshape(-1, SIDE, 2, SIDE, 2).astype(np.uint16)
    return np.asarray(blocks.sum((2, 4), dtype=np.uint16))


def read_folder(folder: Path) -> Source:
    """Read a folder of IDX files with 28x28 images in ten classes.

    Raises:
        CmpnetError: a file is missing or damaged, or its images have another size.
    """
    source = {}
    for part, (image_name, label_name) in IDX_NAMES.items():
        image_path, label_path = find_idx(folder, image_name), find_idx(folder, label_name)
        images = parse_idx(image_path, read_bytes(image_path), 3)
        labels = parse_idx(label_path, read_bytes(label_path), 1)
        if images.shape[1:] != (2 * SIDE, 2 * SIDE):
            size = "x".join(map(str, images.shape[1:]))
            raise errors.bad_data_file(image_path, f"its images are {size} instead of 28x28")
        if len(images) != len(labels):
            counts = f"it has {len(labels)} labels for {len(images)} images"
            raise errors.bad_data_file(label_path, counts)
        if len(labels) == 0 or labels.max() > 9:
            raise errors.bad_data_file(label_path, "its labels are not digits from 0 to 9")
        source[part] = Digits(pool(images), labels)
    return source


# -- the packaged file ----------------------------------------------------------------------------


def pack(folder: Path, out: Path) -> str:
    """Check the original MNIST files and write them as one packed file.

    Args:
        folder: folder of the original IDX files.
        out: the packed file, .npz.

    Returns:
        SHA-256 of the packed file.

    Raises:
        CmpnetError: a file differs from the original, or the packed file cannot be written.
    """
    for names in IDX_NAMES.values():
        for name in names:
            path = find_idx(folder, name)
            md5 = hashlib.md5(read_bytes(path), usedforsecurity=False).hexdigest()
            if md5 != MNIST_MD5[name]:
                reason = f"its MD5 is {md5} instead of {MNIST_MD5[name]}"
                raise errors.bad_data_file(path, reason)
    arrays: dict[str, Any] = {}
    for part, digits in read_folder(folder).items():
        if len(digits.labels) != MNIST_COUNTS[part]:
            raise errors.bad_data_file(folder, f"its {part} split has {len(digits.labels)} digits")
        low = (digits.sums & 3).astype(np.uint8).reshape(-1, 4)
        arrays[f"{part}_high"] = (digits.sums >> 2).astype(np.uint8)
        arrays[f"{part}_low"] = low @ np.array([1, 4, 16, 64], np.uint8)  # four pixels per byte
        arrays[f"{part}_labels"] = digits.labels
    try:
        np.savez_compressed(out, **arrays)
    except OSError as error:
        raise errors.unwritable(out, "packed digits", error) from error
    return hashlib.sha256(out.read_bytes()).hexdigest()


def unpack(path: Path, sha256: str) -> Source:
    """Read a packed file after checking its SHA-256 (55 ms for the 70,000 digits).

    Raises:
        CmpnetError: the file is missing, or is not the one that was shipped.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise errors.damaged_package_data(path, str(error)) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise errors.damaged_package_data(path, "its SHA-256 is not the shipped file's")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as packed:
            return {part: _unpack(packed, part) for part in IDX_NAMES}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise errors.damaged_package_data(path, str(error)) from error


def _unpack(packed: Any, part: str) -> Digits:
    high, low = packed[f"{part}_high"], packed[f"{part}_low"]
    quarters = (low[:, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
    sums = (high.astype(np.uint16) << 2) | quarters.reshape(high.shape)
    return Digits(sums, packed[f"{part}_labels"])


# -- either source --------------------------------------------------------------------------------


def source(data_dir: str | None) -> Source:
    """The digits of a folder of IDX files, or the packaged MNIST; read once until a file changes.

    Raises:
        CmpnetError: the files cannot be read.
    """
    return _source(*_state(data_dir))


def fingerprint(data_dir: str | None) -> str:
    """SHA-256 of the digits, which does not depend on the format of their files."""
    return _fingerprint(*_state(data_dir))


Files = tuple[tuple[str, int, int], ...]  # paths, times of the last change in ns, sizes


def _state(data_dir: str | None) -> tuple[Path | None, Files]:
    """The folder, and what shows that a file in it was changed."""
    if not data_dir:
        return None, ()
    folder = Path(data_dir).absolute()
    names = [name for part in IDX_NAMES.values() for name in part]
    paths = [find_idx(folder, name) for name in names]
    stats = [(path, path.stat()) for path in paths]
    return folder, tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@lru_cache(maxsize=2)
def _source(folder: Path | None, _: Files) -> Source:
    return unpack(PACKED, PACKED_SHA256) if folder is None else read_folder(folder)


@lru_cache(maxsize=2)
def _fingerprint(folder: Path | None, files: Files) -> str:
    digest = hashlib.sha256()
    for part, digits in sorted(_source(folder, files).items()):
        digest.update(part.encode() + digits.sums.tobytes() + digits.labels.tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        print(pack(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else PACKED))
    except errors.CmpnetError as error:
        sys.exit(str(error))
    except IndexError:
        sys.exit("usage: python -m cmpnet.tasks.mnist FOLDER [OUT]")
