"""Built-in augmentations, for torch: one call changes all samples of a step.

Images have the shape (B, C, H, W). What moves into an image from outside repeats its border, since
the background of standardised images is not 0. Torch is imported when one is called.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from cmpnet.spec import ANY_BACKEND, Augmentation, Bounds

if TYPE_CHECKING:
    from torch import Generator, Tensor

Share = Annotated[float, Bounds(0, 1)]


def none(x: Any, generator: Any) -> Any:
    """The samples as they are."""
    return x


def noise(
    x: Tensor,
    generator: Generator,
    *,
    sd: Annotated[float, Bounds(0, 100), "SD of what is added to each number"] = 0.1,
) -> Tensor:
    """Adds normal noise to samples of any shape."""
    import torch

    return x + sd * torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)


def shift(
    x: Tensor,
    generator: Generator,
    *,
    pixels: Annotated[int, Bounds(0, 1000), "largest shift along each axis"] = 1,
) -> Tensor:
    """Moves each image (C, H, W) by whole pixels, from -pixels to pixels along each axis.

    Raises:
        ValueError: the samples are no images.
    """
    import torch

    batch, channels, height, width = _size(x)
    by = torch.randint(-pixels, pixels + 1, (2, batch, 1), generator=generator, device=x.device)
    rows, columns = (
        (torch.arange(size, device=x.device) + moved).clamp(0, size - 1)
        for size, moved in zip((height, width), by, strict=True)
    )
    rows = rows[:, None, :, None].expand(batch, channels, height, width)
    return x.gather(2, rows).gather(3, columns[:, None, None, :].expand_as(rows))


def affine(
    x: Tensor,
    generator: Generator,
    *,
    rotation: Annotated[float, Bounds(0, 180), "largest angle in degrees"] = 10.0,
    scaling: Annotated[float, Bounds(0, 0.9), "sizes are from 1 - this to 1 + this"] = 0.1,
    shear: Annotated[float, Bounds(0, 80), "largest angle of shear in degrees"] = 0.0,
    translation: Annotated[Share, "largest shift, as a share of the size"] = 0.05,
) -> Tensor:
    """Rotates, scales, shears and moves each image (C, H, W), interpolating linearly.

    All four are uniform and independent; both axes have the same scale.

    Raises:
        ValueError: the samples are no images.
    """
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    batch, _, height, width = _size(x)
    # A row for each image, each from -1 to 1.
    draws = 2 * torch.rand(batch, 5, generator=generator, device=x.device, dtype=x.dtype) - 1
    angle = math.radians(rotation) * draws[:, 0]
    slope = torch.tan(math.radians(shear) * draws[:, 1])
    size = 1 + scaling * draws[:, 2]
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    ratio = height / width  # the grid goes from -1 to 1 along both axes
    moved = 2 * translation * draws[:, 3:]
    rows = (
        torch.stack([cos, (cos * slope - sin) * ratio, moved[:, 0]], 1),
        torch.stack([sin / ratio, sin * slope + cos, moved[:, 1]], 1),
    )
    grid = affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return grid_sample(x, grid, padding_mode="border", align_corners=False)


def _size(x: Tensor) -> tuple[int, int, int, int]:
    """
    Raises:
        ValueError: the samples are no images.
    """
    if x.ndim != 4:
        shape = ", ".join(["B", *map(str, x.shape[1:])])
        raise ValueError(f"the samples have the shape ({shape}); it must be (B, C, H, W)")
    batch, channels, height, width = x.shape
    return batch, channels, height, width


NONE = Augmentation(name="none", summary="the samples as they are", fn=none, backend=ANY_BACKEND)
NOISE = Augmentation(name="noise", summary="adds normal noise", fn=noise)
SHIFT = Augmentation(name="shift", summary="moves images by whole pixels", fn=shift)
AFFINE = Augmentation(name="affine", summary="rotates, scales, shears and moves images", fn=affine)
