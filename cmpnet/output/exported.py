"""Results read back from a file that ``--export-json`` wrote."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from cmpnet.bench import ArmResults
from cmpnet.errors import compare_errors
from cmpnet.output.export import SCHEMA
from cmpnet.records import arm_from, check, check_name, result_from


def read(path: str) -> list[ArmResults]:
    """Every arm of an export, as the bench that wrote it had them.

    Raises:
        CmpnetError: the file cannot be read, is damaged, is no export, or is a newer cmpnet's.
    """
    try:
        text = Path(path).read_bytes()
        content = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_whole)
        check("its content", content, dict[str, Any])
        found = content["schema"]
        check("schema", found, int)
        if found > SCHEMA:
            raise compare_errors.newer_export(path, found, SCHEMA)
        check("arms", content["arms"], list[Any])
        if found != SCHEMA or not content["arms"]:
            raise ValueError(f"it has {len(content['arms'])} arms of schema {found}")
        return [_arm(arm) for arm in content["arms"]]
    except OSError as error:
        raise compare_errors.unreadable_export(path, error.strerror or str(error)) from None
    except KeyError as error:
        raise compare_errors.unreadable_export(path, f"it has no {error}") from None
    except (ValueError, RecursionError) as error:
        raise compare_errors.unreadable_export(path, str(error)) from None


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):  # Python's JSON takes NaN, and 1e999 as infinity
        raise ValueError(f"{text} is not a finite number")
    return number


def _whole(text: str) -> int:
    if len(text) > 20:
        raise ValueError(f"{text[:20]}... is too large a number")
    return int(text)


def _arm(content: object) -> ArmResults:
    check("an arm", content, dict[str, Any])
    assert isinstance(content, dict)
    options = content["options"]
    check("options", options, dict[str, dict[str, Any]])
    arm = arm_from(
        {
            "label": content["name"],
            **{name: content[name] for name in ("architecture", "loss", "task", "config")},
            **{f"{part}_options": options[part] for part in ("architecture", "loss", "task")},
        }
    )
    check("repeats", content["repeats"], list[dict[str, Any]])
    repeats = {result.seed: result for result in map(result_from, content["repeats"])}
    if len(repeats) < len(content["repeats"]):
        raise ValueError(f"a seed of {arm.label} is there twice")
    wanted, code = content.get("wanted", len(repeats)), content.get("code", {})
    check("wanted", wanted, int)
    if wanted < len(repeats):
        raise ValueError(f"wanted is {wanted}, of {len(repeats)} repeats")
    check("code", code, dict[str, str])
    for name in (content["data_sha256"], *code, *code.values()):
        check_name("a name", name)
    return ArmResults(arm, repeats, wanted=wanted, data=content["data_sha256"], code=code)
