"""Results read back from a file that ``--export-json`` wrote."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

from cmpnet import errors
from cmpnet.decoding import decode, decode_arm, decode_result, has_control_characters
from cmpnet.output.json_export import SCHEMA
from cmpnet.results import ArmResults
from cmpnet.spec import ERROR, Bounds, Line, Metric

Seconds = Annotated[float, Bounds(0)]


def read(path: str) -> list[ArmResults]:
    """Every arm of an exported file.

    Raises:
        CmpnetError: the file cannot be read, is damaged, is not an export, or comes from a newer
            cmpnet.
    """
    return read_with_provenance(path)[0]


def read_with_provenance(path: str) -> tuple[list[ArmResults], dict[str, Any]]:
    """Every arm of an exported file, and the versions and the machine that it names.

    Raises:
        CmpnetError: as :func:`read`.
    """
    try:
        text = Path(path).read_bytes()
        content = decode(
            dict[str, Any],
            json.loads(text, parse_constant=_finite, parse_float=_finite, parse_int=_integer),
            "the content",
        )
        schema, arms = decode(int, content["schema"], "schema"), content["arms"]
        if schema > SCHEMA:
            raise errors.newer_export(path, schema, SCHEMA)
        if schema != SCHEMA or not decode(list[Any], arms, "'arms'"):
            raise ValueError(f"it has {len(arms)} arms of schema {schema}")
        about = decode(dict[str, Any], content.get("provenance", {}), "'provenance'")
        return [_arm(arm) for arm in arms], about
    except KeyError as error:
        raise errors.unreadable_export(path, f"it has no {error}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise errors.unreadable_export(path, error) from None


def _metric(name: str, about: dict[str, str]) -> Metric:
    """What a file says of the metric that decides; its record is not needed to show it."""
    unit = decode(Line | Literal[""], about.get("unit", ""), "the unit of the metric")
    better = decode(Literal["lower", "higher"], about.get("better", "lower"), "better")
    limits = (0.0, 1.0) if name == ERROR else (-math.inf, math.inf)
    return Metric(name=name, summary="", fn=float, unit=unit, better=better, limits=limits)


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):  # Python accepts NaN, and 1e999 as infinity
        raise ValueError(f"{text} is not a finite number")
    return number


def _integer(text: str) -> int:
    if len(text) > 20:  # converting a very long one would take quadratic time
        raise ValueError(f"{text[:20]}... is too large a number")
    return int(text)


def _arm(content: object) -> ArmResults:
    arm = decode(dict[str, Any], content, "an arm")
    options = decode(dict[str, dict[str, Any]], arm["options"], "options")
    metric = decode(dict[str, str], arm.get("metric", {}), "metric")
    key = decode_arm(
        {
            "label": arm["name"],
            "metric": metric.get("name", ERROR),
            **{name: arm[name] for name in ("architecture", "loss", "task", "config")},
            **{f"{part}_options": options[part] for part in ("architecture", "loss", "task")},
        }
    )
    rows = decode(list[Any], arm["repeats"], "repeats")
    repeats = {repeat.seed: repeat for repeat in map(decode_result, rows)}
    if len(repeats) < len(rows):
        raise ValueError(f"a seed of {key.label} occurs twice")
    wanted = decode(int, arm.get("wanted", len(repeats)), "wanted")  # 0.1 did not always write it
    if wanted < len(repeats):
        raise ValueError(f"wanted is {wanted}, but there are {len(repeats)} repeats")
    code = decode(dict[str, str], arm.get("code", {}), "code")
    data = decode(str, arm["data_sha256"], "data_sha256")
    timed = decode(dict[str, Any] | None, arm.get("cpu_seconds"), "cpu_seconds")
    times = () if timed is None else decode(tuple[Seconds, ...], timed["rounds"], "cpu_seconds")
    for text in (data, *code, *code.values()):
        if has_control_characters(text):
            raise ValueError(f"{text[:40]!r} contains control characters")
    return ArmResults(
        key=key,
        repeats=repeats,
        wanted=wanted,
        data=data,
        code=code,
        metrics={key.metric: _metric(key.metric, metric)} if metric else {},
        times=times,
        title=decode(Line | None, arm.get("title"), "title") or "",
        until_decided=decode(bool, arm.get("until_decided", False), "until_decided"),
    )
