"""The task ``disk``: its points, its boundary and what counts as an error."""

from __future__ import annotations

import numpy as np
import pytest

from cmpnet import RepeatResult
from cmpnet_minidl import disk, registration


def test_half_of_the_points_are_inside_the_disk() -> None:
    data = registration.load(0)
    assert data.train.x.shape == data.test.x.shape == (10_000, 2)
    for part in (data.train, data.test):
        assert part.targets["target"].mean() == pytest.approx(0.5, abs=0.02)


def test_the_other_radius_of_the_report_gives_a_quarter() -> None:
    data = registration.load(0, radius=0.5 / np.pi**0.5)
    assert data.train.targets["target"].mean() == pytest.approx(0.25, abs=0.02)


def test_a_point_is_inside_within_the_radius_of_the_centre() -> None:
    data = registration.load(3, points=1000)
    distance = ((data.test.x.astype(float) - 0.5) ** 2).sum(1) ** 0.5
    assert ((distance < disk.RADIUS) == data.test.targets["target"]).all()


def test_the_outline_is_the_circle_between_the_classes() -> None:
    outline = np.asarray(registration.outline(points=10, radius=0.3))
    np.testing.assert_allclose(np.hypot(*(outline - 0.5).T), 0.3)
    assert outline[0] == pytest.approx(outline[-1])
    assert len(np.unique(outline.round(9), axis=0)) == len(outline) - 1
    assert registration.DISK.outline is registration.outline


def test_other_options_change_the_fingerprint() -> None:
    assert registration.fingerprint() != registration.fingerprint(radius=0.3)
    assert registration.fingerprint() != registration.fingerprint(points=9)


def test_an_output_that_is_not_a_number_does_not_predict_inside() -> None:
    output = {"inside": np.array([[np.nan], [np.inf], [-np.inf]])}
    assert registration.wrong(output, {"target": np.ones(3)}).tolist() == [True, False, True]


def border(mistakes: list[int], points: int = 2000, radius: float = 0.3) -> float | None:
    repeat = RepeatResult(seed=7, status="ok", mistakes=mistakes)
    measure = registration.DISK.measures["border"]
    options = {"points": points, "radius": radius}
    return measure.of(repeat, registration.load(7, **options), options)


def test_the_border_measure_tells_mistakes_near_the_circle_from_mistakes_anywhere() -> None:
    x = registration.load(7, points=2000, radius=0.3).test.x.astype(float)
    distance = abs(np.hypot(*(x - 0.5).T) - 0.3)  # from the circle itself, not from its polygon
    shares = []
    for mistakes in (np.argsort(distance)[:50], np.arange(0, 2000, 2)):
        share = border(mistakes.tolist())
        assert share == pytest.approx(distance[mistakes].mean() / distance.mean(), abs=2e-4)
        shares.append(share)
    assert shares[0] < 0.05
    assert shares[1] == pytest.approx(1, abs=0.1)


def test_a_repeat_without_mistakes_has_no_border_measure() -> None:
    assert border([]) is None
    assert registration.DISK.measures["border"].needs_data
