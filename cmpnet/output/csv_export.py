"""Results as flat records, one per repeat, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cmpnet.output.json_export import portable_numbers, portable_options
from cmpnet.results import ArmResults, Results, measured, value_of
from cmpnet.spec import ERROR, PARTS, ArmKey, RepeatResult

_LISTS = ("curves", "mistakes", "details", "metrics")  # only the JSON export has these
_NUMBERS = [field.name for field in fields(RepeatResult) if field.name not in _LISTS]


def records(arms: Sequence[ArmResults]) -> list[dict[str, Any]]:
    """One flat dictionary per repeat: the arm, its options and the raw numbers.

    Returns:
        Dictionaries with the same keys. An option's key names its part ("loss.alpha"); its value
        is None for arms without it. So is that of a metric ("test.auc"). Errors are fractions,
        times are seconds.
    """
    options = [_flat_options(arm.key) for arm in arms]
    names = sorted(set().union(*options))
    metrics = dict.fromkeys(m for arm in arms for m in measured(arm) if m != ERROR)
    rows = []
    for arm, own in zip(arms, options, strict=True):
        columns = {
            "arm": arm.label,
            "architecture": arm.key.architecture,
            "loss": arm.key.loss,
            "task": arm.key.task,
            **arm.key.config.settings(),
            **{name: own.get(name) for name in names},
            "data_sha256": arm.data,
            "title": arm.title,
        }
        for _, repeat in sorted(arm.repeats.items()):
            numbers = portable_numbers(repeat)
            values = {
                f"{part}.{name}": value_of(repeat, name, part) for name in metrics for part in PARTS
            }
            rows.append(columns | {name: numbers[name] for name in _NUMBERS} | values)
    return rows


def _flat_options(key: ArmKey) -> dict[str, Any]:
    return {
        f"{part}.{name}": value
        for part, options in {**portable_options(key), **key.config.options()}.items()
        for name, value in options.items()
    }


def to_csv(results: Results) -> bytes:
    """The records as CSV; None is an empty field."""
    rows = records(results.arms)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
