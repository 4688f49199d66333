"""Results as files: the JSON of schema 1, and writing that never leaves half a file."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cmpnet.analysis.sections import Outcome
from cmpnet.analysis.stats import spread, summarise
from cmpnet.bench import ArmResults
from cmpnet.errors import file_errors
from cmpnet.files import replace_file
from cmpnet.spec import Arm, RepeatResult

SCHEMA = 1


class Output:
    """A file to be written at the end, found writable at the start; ``-`` is stdout.

    A regular file is written beside its place and moved there in one step, so whatever stood there
    stays whole until the new content is. Stdout is kept for the content alone: from now on
    everything else that is printed, by a plugin too, goes to stderr.
    """

    def __init__(self, path: str, what: str) -> None:
        """
        Raises:
            CmpnetError: the path cannot be written.
        """
        self.path, self.what = path, what
        self.target = Path(path)
        self._stdout: int | None = None
        if path == "-":
            sys.stdout.flush()
            self._stdout = os.dup(1)
            os.dup2(2, 1)
            return
        with self._said():
            self._direct = self.target.exists() and not self.target.is_file()  # a device, a pipe
            if self.target.exists():
                with self.target.open("ab"):  # a folder fails here
                    pass
            if not self._direct:
                with tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path))):
                    pass

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise file_errors.unwritable(self.path, self.what, error) from None

    def write(self, content: bytes) -> None:
        """Write everything.

        Raises:
            CmpnetError: the disk is full, or the place has gone.
        """
        with self._said():
            if self._stdout is not None:
                with os.fdopen(os.dup(self._stdout), "wb") as stdout:
                    stdout.write(content)
            elif self._direct:
                self.target.write_bytes(content)
            else:
                replace_file(self.target, content)

    def close(self) -> None:
        """Give stdout back."""
        if self._stdout is not None:
            sys.stdout.flush()
            os.dup2(self._stdout, 1)
            os.close(self._stdout)
            self._stdout = None


def raw(result: RepeatResult) -> dict[str, Any]:
    """The raw numbers; of a failure its first line, since a traceback has paths in it."""
    return {**asdict(result), "cause": result.cause.partition("\n")[0]}


def options_of(arm: Arm) -> dict[str, dict[str, Any]]:
    """An arm's options by part, without the folder of its data, which is a path."""
    return {
        "architecture": dict(arm.architecture_options),
        "loss": dict(arm.loss_options),
        "task": {k: v for k, v in arm.task_options.items() if k != "data_dir"},
    }


def document(
    results: Sequence[ArmResults],
    outcomes: Sequence[Outcome],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """Schema 1: every raw number; errors are fractions, times seconds.

    ``outcomes`` are what is printed of the results.
    """
    reported = {
        place: figures
        for outcome in outcomes
        for place, figures in zip(outcome.places, outcome.section.figures, strict=True)
    }
    arms = []
    for place, arm_results in enumerate(results):
        arm, ok = arm_results.arm, arm_results.ok()
        parts = spread(arm_results.test_errors(), [r.test_samples for r in ok])
        arms.append(
            {
                "name": arm.label,
                "architecture": arm.architecture,
                "loss": arm.loss,
                "task": arm.task,
                "options": options_of(arm),
                "config": asdict(arm.config),
                "data_sha256": arm_results.data,
                "code": dict(arm_results.code),
                "parameters": ok[0].parameters if ok else None,
                "wanted": arm_results.wanted,
                "repeats": [raw(r) for _, r in sorted(arm_results.repeats.items())],
                "train_error": asdict(summarise(arm_results.train_errors())),
                "test_error": asdict(summarise(arm_results.test_errors())),
                "test_error_sd": asdict(parts) if parts else None,
                "seconds": {"median": statistics.median(r.seconds for r in ok) if ok else None},
                "reported": dict(figures) if (figures := reported.get(place)) else None,
            }
        )
    return {
        "schema": SCHEMA,
        "arms": arms,
        "comparisons": [row for outcome in outcomes for row in _comparisons(outcome, arms)],
        "claims": [row for outcome in outcomes for row in _claims(outcome, arms)],
        "provenance": dict(provenance),
    }


def _names(outcome: Outcome, arms: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the document calls the arms of a section, whose own labels may differ."""
    return [arms[place]["name"] for place in outcome.places]


def _comparisons(outcome: Outcome, arms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    labels = [arm.label for arm in outcome.section.arms]
    names = dict(zip(labels, _names(outcome, arms), strict=True))
    for row in outcome.comparisons:
        yield {
            "suite": outcome.section.suite or None,
            "arm": names[row.arm],
            "reference": names[row.reference],
            **asdict(row.comparison),
        }


def _claims(outcome: Outcome, arms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    names = dict(zip(outcome.section.texts, _names(outcome, arms), strict=False))  # train has none
    for verdict in outcome.verdicts:
        claim = asdict(verdict.claim)
        for side in ("one", "other"):
            claim[side] = names.get(claim[side], claim[side])
        decided = {key: value for key, value in asdict(verdict).items() if key != "claim"}
        yield {"suite": outcome.section.suite or None, **claim, **decided}


def to_json(content: Mapping[str, Any]) -> bytes:
    """Readable JSON without NaN."""
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()
