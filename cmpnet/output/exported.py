"""Results read back from a file that ``--export-json`` wrote."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from cmpnet.bench import ArmResults
from cmpnet.errors import compare_errors
from cmpnet.output.export import SCHEMA
from cmpnet.spec import Arm, RepeatResult, Status, TrainConfig
from cmpnet.store import result_from


def read(path: str) -> list[ArmResults]:
    """Every arm of an export, as the bench that wrote it had them.

    Raises:
        CmpnetError: the file cannot be read, is damaged, is no export, or is a newer cmpnet's.
    """
    try:
        text = Path(path).read_bytes()
        content = json.loads(text, parse_constant=_number, parse_float=_number)
        found = content["schema"]
        if isinstance(found, int) and found > SCHEMA:
            raise compare_errors.newer_export(path, found, SCHEMA)
        if found != SCHEMA or not content["arms"]:
            raise ValueError(f"{len(content['arms'])} arms of schema {found!r}")
        return [_arm(arm) for arm in content["arms"]]
    except OSError as error:
        raise compare_errors.unreadable_export(path, error.strerror or str(error)) from None
    except KeyError as error:
        raise compare_errors.unreadable_export(path, f"it has no {error}") from None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise compare_errors.unreadable_export(path, str(error)) from None


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):  # Python's JSON takes NaN, and 1e999 as infinity
        raise ValueError(f"{text} is not a finite number")
    return number


def _arm(content: Mapping[str, Any]) -> ArmResults:
    options = content["options"]
    arm = Arm(
        label=content["name"],
        architecture=content["architecture"],
        loss=content["loss"],
        task=content["task"],
        architecture_options=dict(options["architecture"]),
        loss_options=dict(options["loss"]),
        task_options=dict(options["task"]),
        config=TrainConfig(**content["config"]),
    )
    repeats = [_repeat(repeat) for repeat in content["repeats"]]
    wanted, code = content.get("wanted", len(repeats)), content.get("code", {})
    names = (arm.label, arm.architecture, arm.loss, arm.task, content["data_sha256"])
    _check("a name", *(isinstance(name, str) for name in names))
    _check("code", *(isinstance(version, str) for version in dict(code).values()))
    _check("wanted", _counts(wanted), wanted >= len(repeats))
    return ArmResults(
        arm,
        {repeat.seed: repeat for repeat in repeats},
        wanted=wanted,
        data=content["data_sha256"],
        code=dict(code),
    )


def _repeat(content: Mapping[str, Any]) -> RepeatResult:
    result = result_from(content)
    counts = (result.seed, result.train_samples, result.test_samples, result.parameters)
    _check("status", result.status in get_args(Status))
    _check("a count", *map(_counts, counts))
    _check("cause", isinstance(result.cause, str))
    _check("seconds", isinstance(result.seconds, int | float))
    if result.status == "ok":
        shares = (result.train_error, result.test_error)
        _check("an error", *(isinstance(e, int | float) and 0 <= e <= 1 for e in shares))
        _check("a count", _counts(result.train_count), _counts(result.error_count))
    return result


def _counts(value: object) -> bool:
    return type(value) is int and value >= 0


def _check(what: str, *holds: bool) -> None:
    if not all(holds):
        raise ValueError(f"{what} has a value that cmpnet never writes")
