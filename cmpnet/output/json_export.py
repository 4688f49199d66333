"""Results as JSON, schema 1: every raw number, with its summaries, comparisons and claims."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cmpnet.analysis.claims import JointVerdict, Verdict
from cmpnet.analysis.rates import (
    spread_of,
    summarise_part,
    summarise_test_errors,
    summarise_train_errors,
)
from cmpnet.analysis.reported import against_report
from cmpnet.analysis.stats import five_numbers, summarise
from cmpnet.output.signature import signature
from cmpnet.results import ArmResults, Results, same_repeats
from cmpnet.spec import ArmKey, RepeatResult

SCHEMA = 1
_OUTCOME = ("verdict", "margin", "reported", "deviation")


def to_json(results: Results) -> bytes:
    """The document as readable JSON without NaN."""
    return (json.dumps(document(results), indent=1, allow_nan=False) + "\n").encode()


def document(results: Results) -> dict[str, Any]:
    """The content of an export: errors are fractions, times are seconds."""
    comparisons, claims = [], []
    for section, decisions in zip(results.sections, results.decisions, strict=True):
        suite = {"suite": section.suite or None}
        names = {arm.label: _name(arm, results.arms) for arm in section.arms}
        for row in decisions.comparisons:
            arms = {"arm": names[row.arm], "reference": names[row.reference]}
            decision = {"margin": row.margin, "decision": row.decision, "metric": row.metric.name}
            comparisons.append({**suite, **arms, **asdict(row.comparison), **decision})
        for verdict in decisions.verdicts:
            claims.append({**suite, **_verdict(verdict, names)})
    return {
        "schema": SCHEMA,
        "arms": [_arm(arm) for arm in results.arms],
        "comparisons": comparisons,
        "claims": claims,
        "until_decided": results.until_decided,
        "signatures": [signature(section.arms) for section in results.sections],
        "provenance": dict(results.provenance),
    }


def _verdict(verdict: Verdict | JointVerdict, names: Mapping[str, str]) -> dict[str, Any]:
    """A claim, and whether it holds; a joint claim has this for each of its parts."""
    if isinstance(verdict, JointVerdict):
        claim = {"says": verdict.claim.says, "source": verdict.claim.source}
        outcome = {"verdict": verdict.verdict, "deviation": verdict.deviation}
        return {**claim, **outcome, "parts": [_verdict(part, names) for part in verdict.parts]}
    outcome = {name: getattr(verdict, name) for name in _OUTCOME}
    return {**asdict(verdict.claim.renamed(names)), **asdict(verdict.comparison), **outcome}


def _name(arm: ArmResults, arms: Sequence[ArmResults]) -> str:
    """The document's name of an arm, whose label in a section may differ."""
    return next(other.label for other in arms if same_repeats(other, arm))


def _arm(arm: ArmResults) -> dict[str, Any]:
    key, ok, parts, against = arm.key, arm.ok(), spread_of(arm), against_report(arm)
    return {
        "name": key.label,
        "title": arm.title or None,
        "architecture": key.architecture,
        "loss": key.loss,
        "task": key.task,
        "options": portable_options(key),
        "config": asdict(key.config),
        "data_sha256": arm.data,
        "protocol": asdict(arm.protocol),
        "code": dict(arm.code),
        "parameters": ok[0].parameters if ok else None,
        "wanted": arm.wanted,
        "until_decided": arm.until_decided,
        "repeats": [portable_numbers(repeat) for _, repeat in sorted(arm.repeats.items())],
        "train_error": asdict(summarise_train_errors(arm)),
        "test_error": asdict(summarise_test_errors(arm)),
        "test_error_sd": asdict(parts) if parts else None,
        "metric": {name: getattr(arm.metric, name) for name in ("name", "unit", "better")},
        "train": asdict(summarise_part(arm, "train")),
        "test": asdict(summarise_part(arm)),
        "seconds": {"median": summarise([repeat.seconds for repeat in ok]).median},
        "cpu_seconds": _times(arm),
        "reported": dict(arm.reported) if arm.reported else None,
        "against_report": asdict(against) if against else None,
    }


def _times(arm: ArmResults) -> dict[str, Any] | None:
    """CPU seconds of a repeat in each round of ``bench --time``."""
    numbers = five_numbers(arm.times)
    if numbers is None:
        return None
    _, low, median, high, _ = numbers
    return {"median": median, "quartiles": [low, high], "rounds": list(arm.times)}


def portable_options(key: ArmKey) -> dict[str, dict[str, Any]]:
    """An arm's options by part, without paths on this machine."""
    key = key.portable()
    return {
        "architecture": dict(key.architecture_options),
        "loss": dict(key.loss_options),
        "task": dict(key.task_options),
    }


def portable_numbers(repeat: RepeatResult) -> dict[str, Any]:
    """A repeat's raw numbers; of its cause the first line, since a traceback contains paths."""
    return {**asdict(repeat), "cause": repeat.cause.partition("\n")[0]}
