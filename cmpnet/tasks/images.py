"""Samples in a folder of images that has one subfolder per class."""

from __future__ import annotations

import contextlib
import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.tasks.tables import MOST_NUMBERS

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)
DEEP = frozenset(("I", "I;16", "I;16B", "I;16L"))  # modes of Pillow with 16 bits of grey
GREY = frozenset(("1", "L", "LA")) | DEEP


def read_images(folder: Path, size: int | None) -> tuple[NDArray[np.uint8], list[str]]:
    """The pixels (N, C, H, W), from 0 to 255, and the name of each image's subfolder.

    C is 1 if all images are grey, otherwise 3. Files that are not images by their ending do not
    count, nor does what begins with a dot. Of an animation the first picture is read.

    Args:
        folder: the folder.
        size: H and W that every image is resized to; None if they all have one size.

    Raises:
        CmpnetError: Pillow is missing, there are no images, or one of them cannot be used.
    """
    paths = [path for kind in _subfolders(folder) for path in _images(folder, kind)]
    if importlib.util.find_spec("PIL") is None:
        raise errors.no_pillow(folder)
    modes, sizes = set(), {}
    for path in paths:  # reads the headers alone
        with _opened(folder, path) as image:
            modes.add(image.mode)
            sizes[path] = image.size
    width, height = sizes[paths[0]]
    for path, (w, h) in sizes.items():
        if size is None and (w, h) != (width, height):
            reason = (
                f"'{path.relative_to(folder)}' has {w} x {h} pixels, "
                f"'{paths[0].relative_to(folder)}' {width} x {height}"
            )
            raise errors.bad_samples(folder, reason, "resize all of them with --size, such as 32")
    height, width = (size, size) if size else (height, width)
    channels = 1 if modes <= GREY else 3
    total = len(paths) * channels * height * width
    if total > MOST_NUMBERS:
        reason = f"its images have {total / 1e6:.0f} million numbers"
        remedy = f"give at most {MOST_NUMBERS / 1e6:.0f} million, with a smaller --size"
        raise errors.bad_samples(folder, reason, remedy)
    x = np.empty((len(paths), height, width, channels), np.uint8)
    for n, path in enumerate(paths):
        with _opened(folder, path) as image:
            x[n] = _pixels(image, channels, size)
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)), [path.parent.name for path in paths]


def _subfolders(folder: Path) -> list[Path]:
    kinds = sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    if not kinds:
        remedy = "give a folder that has one subfolder of images per class"
        raise errors.bad_samples(folder, "it has no subfolders", remedy)
    return kinds


def _images(folder: Path, kind: Path) -> list[Path]:
    paths = sorted(
        path
        for path in kind.iterdir()
        if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
    )
    if not paths:
        reason = f"its subfolder '{kind.name}' has no images"
        raise errors.bad_samples(folder, reason, "add some or remove the subfolder")
    return paths


@contextlib.contextmanager
def _opened(folder: Path, path: Path) -> Iterator[Image]:
    """An image; whatever goes wrong while it is open is its own fault."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                yield image
    except Exception as error:  # decoders raise OSError, SyntaxError, TypeError and more
        reason = f"'{path.relative_to(folder)}' {_damage(error)}"
        raise errors.bad_samples(folder, reason, "save it again or remove it") from None


def _damage(error: Exception) -> str:
    text = str(getattr(error, "strerror", None) or error)
    if "cannot identify" in text:
        return "is not an image"
    if "bomb" in text:
        return "has too many pixels"
    return f"is damaged ({text})"


def _pixels(image: Image, channels: int, size: int | None) -> NDArray[np.uint8]:
    """The pixels of an image (H, W, C), turned as its camera says."""
    from PIL import Image, ImageOps

    grey = channels == 1
    if image.mode in DEEP:
        levels = np.asarray(image.convert("I")).clip(0, 65_535) / 257
        image = Image.fromarray(levels.astype(np.uint8))
    image = ImageOps.exif_transpose(image).convert("L" if grey else "RGB")
    if size is not None:
        image = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image).reshape(image.height, image.width, channels)
