"""Where the numbers of a table come from, in one copyable line.

    cmpnet-0.1.0|task=digit-pairs|pairs=1000|epochs=25|seeds=0-9|data=1b2c3d4e|code=cmpnet+ab12cd|...

Tables with the same line can be compared number by number. sacreBLEU introduced such lines (Post
2018, "A Call for Clarity in Reporting BLEU Scores").
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from cmpnet.protocol import DIGITS, as_text
from cmpnet.provenance import NUMERICS
from cmpnet.registry import HOME
from cmpnet.results import ArmResults
from cmpnet.spec import MEASURED_ON

MIXED = "mixed"
MOST_LABELS = 3  # that a note names for each value
_CODE_DIGITS = 6
_CODE = re.compile(r"(?:(?P<version>.*)\+)?(?P<digest>[0-9a-f]{12,64})")

Fields = dict[str, dict[str, list[str]]]  # by name and value the labels of the arms
Entries = Iterator[tuple[str, str]]


def signature(arms: Sequence[ArmResults]) -> str:
    """Protocol, seeds, data, code and arithmetic of some arms, without paths.

    A field that the arms do not share is "mixed".
    """
    line: dict[str, list[str]] = {HOME: []}
    for field, values in _fields(arms).items():
        name, _, owner = field.partition(" ")
        value = next(iter(values)) if len(values) == 1 else MIXED
        line.setdefault(name, []).append(f"{owner}+{value}" if name == "code" else value)
    program = "-".join([HOME, *line.pop(HOME)])
    return "|".join([program, *(f"{name}={','.join(texts)}" for name, texts in line.items())])


def mixed_note(arms: Sequence[ArmResults]) -> str:
    """A sentence about the fields of the signature that the arms do not share, or ""."""
    texts = []
    for field, values in _fields(arms).items():
        if len(values) > 1 and field != HOME:  # whose code differs as well
            own = [f"{value} ({_listed(labels)})" for value, labels in values.items()]
            texts.append(f"{field.replace('_', '-')} {', '.join(own)}")
    return f"Mixed in this table: {'; '.join(texts)}." if texts else ""


def wrapped(line: str, width: int) -> list[str]:
    """A signature on lines of a width, broken between its fields.

    >>> wrapped("cmpnet-1|task=t|epochs=25", 18)
    ['cmpnet-1|task=t|', 'epochs=25']
    """
    spaced = line.replace("|", "| ")
    lines = textwrap.wrap(spaced, width, break_long_words=False, break_on_hyphens=False)
    return [text.replace("| ", "|") for text in lines]


def seeds_text(seeds: Iterable[int]) -> str:
    """Seeds in ranges.

    >>> seeds_text([3, 0, 1, 2, 7])
    '0-3,7'
    """
    ranges: list[list[int]] = []
    for seed in sorted(seeds):
        if ranges and seed == ranges[-1][-1] + 1:
            ranges[-1][1:] = [seed]
        else:
            ranges.append([seed])
    return ",".join("-".join(map(str, ends)) for ends in ranges)


# -- the fields -----------------------------------------------------------------------------------


def _fields(arms: Sequence[ArmResults]) -> Fields:
    """The values of each field, in the order of the line.

    An arm without a field, such as the option of another task, does not make it mixed.
    """
    overridden = {name for arm in arms for name in arm.protocol.overridden}
    if any(arm.key.measured_on != "test" for arm in arms):
        overridden.add(MEASURED_ON)
    fields: Fields = {}
    for part in (_program, _protocol, _run, _code, _versions, _numerics):
        for arm in arms:
            for name, value in part(arm, overridden):
                text = re.sub(r"[\s|]+", "_", value)
                fields.setdefault(name, {}).setdefault(text, []).append(arm.display)
    return fields


def _program(arm: ArmResults, _: object) -> Entries:
    if match := _CODE.fullmatch(arm.code.get(HOME, "")):
        yield HOME, match["version"] or ""


def _protocol(arm: ArmResults, overridden: Iterable[str]) -> Entries:
    """The settings that decide what is comparable, and those that any arm has overridden."""
    own = arm.protocol
    yield "task", own.task
    yield from ((name, as_text(value)) for name, value in own.task_options.items())
    if MEASURED_ON in overridden:
        yield MEASURED_ON, own.measured_on
    yield "epochs", str(own.epochs)
    for name in sorted({*overridden} - {MEASURED_ON}):
        yield name, as_text(own.overridden.get(name, "recipe"))


def _run(arm: ArmResults, _: object) -> Entries:
    if arm.repeats:
        yield "seeds", seeds_text(arm.repeats)
    if arm.data:
        yield "data", arm.data[:DIGITS]


def _code(arm: ArmResults, _: object) -> Entries:
    """The digest of each distribution's code."""
    for owner, value in arm.code.items():
        if match := _CODE.fullmatch(value):
            yield f"code {owner}", match["digest"][:_CODE_DIGITS]


def _versions(arm: ArmResults, _: object) -> Entries:
    """The versions of what has no digest: torch, numpy."""
    for owner, value in arm.code.items():
        if owner != NUMERICS and not _CODE.fullmatch(value):
            yield owner, value


def _numerics(arm: ArmResults, _: object) -> Entries:
    """The fingerprint of the arithmetic, one per backend."""
    if value := arm.code.get(NUMERICS):
        yield f"{NUMERICS} {value.partition('-')[0]}", value


def _listed(labels: Sequence[str]) -> str:
    more = len(labels) - MOST_LABELS
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(labels[:MOST_LABELS]) + rest
