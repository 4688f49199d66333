"""The packaged digits agree with published facts about MNIST; IDX files are read and checked."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cmpnet import CmpnetError
from cmpnet.tasks import mnist

Arrays = dict[str, NDArray[np.uint8]]


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def make_folder(folder: Path, *, digits: int = 40, zipped: bool = False) -> Arrays:
    """Write a small data set as IDX files: random images with the labels 0 to 9 in turn."""
    rng = np.random.default_rng(0)
    arrays: Arrays = {}
    folder.mkdir(parents=True, exist_ok=True)
    for images, labels in mnist.IDX_NAMES.values():
        arrays[images] = rng.integers(0, 256, (digits, 28, 28), dtype=np.uint8)
        arrays[labels] = (np.arange(digits) % 10).astype(np.uint8)
    for name, array in arrays.items():
        content = idx(array)
        if zipped:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return arrays


def test_packaged_digits_have_the_published_label_counts() -> None:
    # The counts that descriptions of the data set give.
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    source = mnist.source(None)
    assert np.bincount(source["train"].labels).tolist() == train
    assert np.bincount(source["test"].labels).tolist() == test
    assert source["train"].labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_packaged_digits_have_the_published_mean_grey_level() -> None:
    # Average pooling keeps the mean: 0.1307 of 255, as in PyTorch's MNIST example.
    sums = mnist.source(None)["train"].sums
    assert sums.shape == (60_000, 14, 14)
    assert sums.max() <= 1020
    assert round(float(sums.mean()) / 4 / 255, 4) == 0.1307


def test_the_hash_of_the_packaged_file_is_the_one_in_the_code() -> None:
    assert hashlib.sha256(mnist.PACKED.read_bytes()).hexdigest() == mnist.PACKED_SHA256


def test_a_changed_bit_in_the_packaged_file_is_detected(tmp_path: Path) -> None:
    content = bytearray(mnist.PACKED.read_bytes())
    content[len(content) // 2] ^= 1
    copy = tmp_path / "mnist14.npz"
    copy.write_bytes(content)
    with pytest.raises(CmpnetError, match="SHA-256"):
        mnist.unpack(copy, mnist.PACKED_SHA256)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("place", [".", "raw", "MNIST/raw"])
def test_idx_files_are_read_plain_or_zipped_from_a_folder_or_torchvisions_layout(
    tmp_path: Path, place: str, zipped: bool
) -> None:
    arrays = make_folder(tmp_path / place, zipped=zipped)
    source = mnist.read_folder(tmp_path)
    images = arrays["t10k-images-idx3-ubyte"].astype(int)
    expected = images[:, 0::2, 0::2] + images[:, 0::2, 1::2]
    expected += images[:, 1::2, 0::2] + images[:, 1::2, 1::2]
    np.testing.assert_array_equal(source["test"].sums, expected)
    np.testing.assert_array_equal(source["test"].labels, arrays["t10k-labels-idx1-ubyte"])


def test_only_the_original_mnist_files_can_be_packed(tmp_path: Path) -> None:
    make_folder(tmp_path / "other")
    with pytest.raises(CmpnetError, match="MD5"):
        mnist.pack(tmp_path / "other", tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_packing_and_unpacking_preserve_every_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = make_folder(tmp_path)
    md5 = {n: hashlib.md5(idx(a)).hexdigest() for n, a in arrays.items()}
    monkeypatch.setattr(mnist, "MNIST_MD5", md5)
    monkeypatch.setattr(mnist, "MNIST_COUNTS", {"train": 40, "test": 40})
    sha256 = mnist.pack(tmp_path, tmp_path / "out.npz")
    unpacked = mnist.unpack(tmp_path / "out.npz", sha256)
    for part, digits in mnist.read_folder(tmp_path).items():
        np.testing.assert_array_equal(unpacked[part].sums, digits.sums)
        np.testing.assert_array_equal(unpacked[part].labels, digits.labels)


def _missing(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte").unlink()


def _short(folder: Path) -> None:
    path = folder / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])


def _header_only(folder: Path) -> None:
    (folder / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08")


def _wrong_kind(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte").write_bytes(b"P5 28 28 255 and so on and on")


def _cut_gzip(folder: Path) -> None:
    path = folder / "train-images-idx3-ubyte"
    (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes())[:-20])
    path.unlink()


def _not_gzip(folder: Path) -> None:
    (folder / "train-images-idx3-ubyte").rename(folder / "train-images-idx3-ubyte.gz")


def _other_size(folder: Path) -> None:
    array = np.zeros((40, 32, 32), np.uint8)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(array))


def _fewer_labels(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(39, np.uint8)))


def _letters(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.full(40, 25, np.uint8)))


DAMAGES = [
    _missing,
    _short,
    _header_only,
    _wrong_kind,
    _cut_gzip,
    _not_gzip,
    _other_size,
    _fewer_labels,
    _letters,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, damage: object) -> None:
    make_folder(tmp_path)
    assert callable(damage)
    damage(tmp_path)
    with pytest.raises(CmpnetError, match="ubyte"):
        mnist.read_folder(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CmpnetError, match="does not exist or is not a folder"):
        mnist.read_folder(tmp_path / "nowhere")
