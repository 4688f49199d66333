"""The numbers of pictures as flat records and as CSV: one line per number or point.

What is no number of a record is its text: the arm, and what the number is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from cmpnet.plots.cells import Grid, Pairs, Plane
from cmpnet.plots.pictures import Differences, Lines, Marks, Picture, Rows

Record = dict[str, Any]


def records(pictures: Sequence[Picture]) -> list[Record]:
    """The numbers of pictures of one kind; all records have the same keys."""
    return [record for picture in pictures for record in _records(picture)]


def to_csv(pictures: Sequence[Picture]) -> bytes:
    """The records as CSV; None is an empty field."""
    rows = records(pictures)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _records(picture: Picture) -> Iterator[Record]:
    match picture:
        case Lines():
            return _of_lines(picture)
        case Rows():
            return _of_rows(picture)
        case Differences():
            return _of_differences(picture)
        case Marks():
            return _of_marks(picture)
        case Grid():
            return _of_grid(picture)
        case Plane():
            return _of_plane(picture)
        case Pairs():
            return _of_pairs(picture)


def _of_lines(picture: Lines) -> Iterator[Record]:
    for line in picture.lines:
        values = zip(line.x, line.mean, line.sd, line.counts, strict=True)
        for x, mean, sd, n in values:
            spread = sd if n > 1 else None
            what = {"line": line.label, picture.x_label: x, "n": n, "mean": mean, "sd": spread}
            yield {**what, "unit": picture.y_label}


def _of_rows(picture: Rows) -> Iterator[Record]:
    boxes = ("whisker_low", "quartile_low", "median", "quartile_high", "whisker_high")
    for row in picture.rows:
        numbers = {"mean": row.mean, "sd": row.sd, "reported": row.reported}
        numbers |= dict(zip(boxes, row.box or (), strict=False))
        yield from _numbers(
            {"arm": row.label}, row.seeds, row.points, numbers, {"unit": picture.x_label}
        )


def _of_differences(picture: Differences) -> Iterator[Record]:
    for row in picture.rows:
        low, high = row.interval or (None, None)
        numbers = {"mean": row.mean, "low": low, "high": high, "margin": row.margin}
        more = {"verdict": row.verdict, "unit": picture.x_label}
        yield from _numbers({"arm": row.label}, row.seeds, row.points, numbers, more)


def _of_marks(picture: Marks) -> Iterator[Record]:
    for mark in picture.marks:
        low, high = mark.interval or (None, None)
        numbers = {"mean": mark.y, "ci95_low": low, "ci95_high": high}
        place = {"mark": mark.label, picture.x_label: mark.x}
        place |= {"arm": picture.arm} if picture.arm else {}
        more = {picture.joined: mark.joined, "unit": picture.y_label}
        yield from _numbers(place, mark.seeds, mark.points, numbers, more)


def _numbers(
    place: Record,
    seeds: Sequence[int],
    points: Sequence[float],
    numbers: dict[str, float | None],
    more: Record,
) -> Iterator[Record]:
    """A record for each seed, and one for each other number that there is."""
    for seed, value in zip(seeds, points, strict=True):
        yield {**place, "what": "seed", "seed": seed, "value": value, **more}
    for what, number in numbers.items():
        if number is not None:
            yield {**place, "what": what, "seed": None, "value": number, **more}


def _of_grid(picture: Grid) -> Iterator[Record]:
    names = picture.headings
    shown = f"{picture.row_label}, {picture.column_label}"
    for row, cells in zip(names, picture.cells, strict=False):
        for column, value in zip(names, cells, strict=False):
            place = {"arm": picture.arm, "matrix": shown, "row": row, "column": column}
            yield {**place, "value": value, "unit": "%"}


def _of_plane(picture: Plane) -> Iterator[Record]:
    for what, points in (("misclassified", picture.points), ("border", picture.outline)):
        for x, y in () if points is None else points.tolist():
            yield {"arm": picture.arm, "what": what, "x": x, "y": y, "value": None}
    side = len(picture.region)
    for row, shares in enumerate(picture.region.tolist()):
        for column, share in enumerate(shares):
            place = {"x": (column + 0.5) / side, "y": (row + 0.5) / side}
            yield {"arm": picture.arm, "what": "share inside", **place, "value": share}


def _of_pairs(picture: Pairs) -> Iterator[Record]:
    for pair in picture.pairs:
        answer, digits = pair.caption
        number = {"seed": pair.seed, "sample": pair.sample, "confidence_percent": pair.confidence}
        yield {"arm": picture.arm, **number, "answer": answer, "digits": digits}
