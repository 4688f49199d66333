"""Built-in schedules and augmentations, by their own numbers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from cmpnet.recipe import augmentations
from cmpnet.recipe.schedules import constant, cosine, onecycle

# -- schedules ------------------------------------------------------------------------------------


def test_constant_is_one_throughout() -> None:
    assert {constant(step / 10) for step in range(10)} == {1.0}


def test_one_cycle_rises_to_its_peak_and_falls_towards_zero() -> None:
    rates = [onecycle(step / 100) for step in range(100)]
    assert max(rates) == rates[30] == 1
    assert rates[0] == pytest.approx(1 / 25)  # torch's div_factor
    assert all(a < b for a, b in pairwise(rates[:31]))
    assert all(a > b for a, b in pairwise(rates[30:]))
    assert rates[-1] < 0.001


def test_one_cycle_has_the_warm_up_and_the_start_of_torchs_linear_one() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    warm_up = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20)
    for step in range(20):
        factor = onecycle(step / 100, warm_up=0.2, start=0.1)
        assert factor == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        warm_up.step()


def test_one_cycle_falls_as_torchs_one_cycle_does() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    torchs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=1001, pct_start=0.3, final_div_factor=1e12, cycle_momentum=False
    )
    for step in range(1000):
        if step >= 300:  # torch's peak is a step earlier
            assert onecycle(step / 1000) == pytest.approx(optimizer.param_groups[0]["lr"], abs=3e-3)
        optimizer.step()
        torchs.step()


def test_one_cycle_without_a_warm_up_is_cosine() -> None:
    steps = [step / 50 for step in range(50)]
    assert [onecycle(p, warm_up=0.0) for p in steps] == [cosine(p) for p in steps]


# -- augmentations --------------------------------------------------------------------------------


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(count: int = 6, height: int = 5, width: int = 7) -> Tensor:
    return torch.rand((count, 3, height, width), generator=generator(1))


def moved(image: Tensor, down: int, right: int) -> Tensor:
    """An image (C, H, W) moved pixel by pixel; what comes from outside repeats the border."""
    _, height, width = image.shape
    out = torch.empty_like(image)
    for y in range(height):
        for x in range(width):
            row, column = min(max(y - down, 0), height - 1), min(max(x - right, 0), width - 1)
            out[:, y, x] = image[:, row, column]
    return out


def test_shift_moves_each_image_by_up_to_so_many_pixels_and_all_of_its_channels_alike() -> None:
    x = images(200, 4, 4)
    shifted = augmentations.shift(x, generator(), pixels=1)
    found = set()
    for before, after in zip(x, shifted, strict=True):
        steps = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        (step,) = [one for one in steps if torch.equal(moved(before, *one), after)]
        found.add(step)
    assert len(found) == 9


def test_noise_has_the_mean_0_and_the_sd_that_was_asked_for() -> None:
    x = torch.ones(1000, 100)
    added = augmentations.noise(x, generator(), sd=0.5) - x
    assert added.mean().item() == pytest.approx(0, abs=0.01)
    assert added.std().item() == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("none", {}),
        ("noise", {"sd": 0.0}),
        ("shift", {"pixels": 0}),
        ("affine", {"rotation": 0.0, "scaling": 0.0, "shear": 0.0, "translation": 0.0}),
    ],
)
def test_an_augmentation_of_size_0_changes_nothing(name: str, options: dict[str, Any]) -> None:
    x = images()
    torch.testing.assert_close(getattr(augmentations, name)(x, generator(), **options), x)


@pytest.mark.parametrize("name", ["noise", "shift", "affine"])
def test_an_augmentation_depends_on_its_generator_alone(name: str) -> None:
    x, augment = images(), getattr(augmentations, name)
    before = x.clone()
    one = augment(x, generator(3))
    torch.manual_seed(99)
    assert torch.equal(one, augment(x, generator(3)))
    assert not torch.equal(one, augment(x, generator(4)))
    assert torch.equal(x, before)
    assert (one.shape, one.dtype) == (x.shape, x.dtype)


def blob(height: int, width: int) -> Tensor:
    """A bright spot right of the centre of an image (1, 1, H, W)."""
    y, x = torch.meshgrid(
        torch.arange(height) - (height - 1) / 2,
        torch.arange(width) - (width - 1) / 2,
        indexing="ij",
    )
    return torch.exp(-((x - 8) ** 2 + y**2) / 4)[None, None]


def place(image: Tensor) -> tuple[float, float]:
    """The centre of mass of an image (1, H, W), in pixels from its centre: right and down."""
    height, width = image.shape[-2:]
    mass = image[0] / image.sum()
    right = (mass.sum(0) * (torch.arange(width) - (width - 1) / 2)).sum()
    down = (mass.sum(1) * (torch.arange(height) - (height - 1) / 2)).sum()
    return right.item(), down.item()


STILL = {"rotation": 0.0, "scaling": 0.0, "shear": 0.0, "translation": 0.0}


@pytest.mark.parametrize("size", [(41, 41), (41, 61)])
def test_affine_rotates_about_the_centre_by_up_to_the_angle(size: tuple[int, int]) -> None:
    x = blob(*size).expand(300, 1, *size)
    turned = augmentations.affine(x, generator(), **{**STILL, "rotation": 30.0})
    places = [place(image) for image in turned]
    angles = [math.degrees(math.atan2(down, right)) for right, down in places]
    assert all(math.hypot(*each) == pytest.approx(8, abs=0.1) for each in places)
    assert -30.5 < min(angles) < -28 < 28 < max(angles) < 30.5
    assert abs(sum(angles) / len(angles)) < 3


def test_affine_scales_both_axes_alike_and_moves_by_a_share_of_the_size() -> None:
    x = blob(41, 61).expand(300, 1, 41, 61)
    scaled = augmentations.affine(x, generator(), **{**STILL, "scaling": 0.25})
    rights = [place(image)[0] / 8 for image in scaled]
    assert 0.74 < min(rights) < 0.78
    assert 1.22 < max(rights) < 1.26
    moved = augmentations.affine(x, generator(), **{**STILL, "translation": 0.1})
    places = [place(image) for image in moved]
    assert max(right - 8 for right, _ in places) == pytest.approx(6.1, abs=0.2)
    assert max(down for _, down in places) == pytest.approx(4.1, abs=0.2)


def test_affine_shears_rows_against_each_other() -> None:
    x = blob(41, 41).transpose(2, 3).expand(200, 1, 41, 41)  # below the centre
    sheared = augmentations.affine(x, generator(), **{**STILL, "shear": 45.0})
    places = [place(image) for image in sheared]
    assert all(down == pytest.approx(8, abs=0.2) for _, down in places)
    assert max(right for right, _ in places) == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize("name", ["shift", "affine"])
def test_an_augmentation_of_images_refuses_other_samples_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match=r"the shape \(B, 4\); it must be \(B, C, H, W\)"):
        getattr(augmentations, name)(torch.zeros(3, 4), generator())
