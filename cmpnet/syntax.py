"""How arms, options and sweeps are written: text in, names and values out. Nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cmpnet import errors

_FOLDER = re.compile(r"[^:\[]*/(?=[^:/\[]*\.py(:|\[|$))")
_ARM = re.compile(r"(?P<names>[^\[\]]+)(\[(?P<options>[^\[\]]*)\])?")
_TITLE = re.compile(r"(?P<arm>[^=\[]+(\[[^\]]*\])?[^=]*)=(?P<title>.+)")


def parse_arm(text: str) -> tuple[str, dict[str, str]]:
    """The names and the options of an arm as it is typed.

    Raises:
        CmpnetError: the text is not ``NAMES[OPTIONS]``.

    >>> parse_arm("ws-aux:aux-scheduled[alpha=0.25]")
    ('ws-aux:aux-scheduled', {'alpha': '0.25'})
    """
    match = _ARM.fullmatch(text.strip())
    if match is None:
        raise errors.bad_arm(text)
    return match["names"].strip(), assignments(filter(None, (match["options"] or "").split(",")))


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """``["alpha=0.5", "batch-size=50"]`` as ``{"alpha": "0.5", "batch_size": "50"}``.

    Raises:
        CmpnetError: a text is not ``NAME=VALUE``, or a name occurs twice.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise errors.bad_assignment(text)
        key = name.strip().replace("-", "_")
        if key in values:
            raise errors.repeated_option(key)
        values[key] = value.strip()
    return values


def read_sweeps(texts: Iterable[str], given: Iterable[str]) -> dict[str, list[str]]:
    """``["alpha=0,0.5"]`` as ``{"alpha": ["0", "0.5"]}``.

    Raises:
        CmpnetError: a text is not ``NAME=VALUE,...``, or its option is given elsewhere too.
    """
    sweeps: dict[str, list[str]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        key = name.strip().replace("-", "_")
        listed = [value.strip() for value in values.split(",")]
        if not (key and all(listed)):
            raise errors.bad_sweep(text)
        if key in sweeps or key in set(given):
            raise errors.repeated_option(key)
        sweeps[key] = listed
    return sweeps


def sweeps_of(sweep: Mapping[str, object], given: Iterable[str]) -> dict[str, list[str]]:
    """``{"alpha": [0, 0.5]}`` as ``{"alpha": ["0", "0.5"]}``; a text is read as on a command line.

    Raises:
        CmpnetError: as :func:`read_sweeps`.
    """
    texts = []
    for name, values in sweep.items():
        if isinstance(values, Iterable) and not isinstance(values, str):
            values = ",".join(map(str, values))
        texts.append(f"{name}={values}")
    return read_sweeps(texts, given)


def parse_titles(texts: Iterable[str]) -> dict[str, str]:
    """What tables and pictures are to call arms.

    Raises:
        CmpnetError: a text is not ``ARM=NAME``, or an arm occurs twice.

    >>> parse_titles(["ws[alpha=1]=ours, alpha=1", "ws (1 epoch)=short"])
    {'ws[alpha=1]': 'ours, alpha=1', 'ws (1 epoch)': 'short'}
    """
    titles: dict[str, str] = {}
    for text in texts:
        match = _TITLE.fullmatch(text)
        if match is None or not match["arm"].strip() or not match["title"].strip():
            raise errors.bad_label(text)
        name = match["arm"].strip()
        if name in titles:
            raise errors.repeated_option(name)
        titles[name] = match["title"].strip()
    return titles


def parse_label(label: str) -> tuple[str, set[tuple[str, float | str]]]:
    """Names and options of a label, however its numbers are written; files without their folder.

    >>> parse_label("ws[lr=1,batch_size=50]") == parse_label("ws[batch-size=50,lr=1.0]")
    True
    >>> parse_label("ws-aux:losses/mine.py:smoothed")
    ('ws-aux:mine.py:smoothed', set())
    """
    names, _, options = label.rstrip(" ]").partition("[")
    pairs = [text.partition("=") for text in options.split(",") if text]
    return _FOLDER.sub("", names.strip()), {
        (k.strip().replace("_", "-"), number_or_text(value)) for k, _, value in pairs
    }


def names_file(text: str) -> bool:
    """Whether an arm, as it is typed, has something in a file: ``mine.py:MyNet``."""
    return any(piece.endswith(".py") for piece in text.partition("[")[0].split(":"))


def label_options(label: str) -> set[str]:
    """Names of the options that a label gives.

    >>> sorted(label_options("ws[lr=1,batch-size=50]"))
    ['batch_size', 'lr']
    """
    return {name.replace("-", "_") for name, _ in parse_label(label)[1]}


def label_matches(label: str, name: str) -> bool:
    """Whether a label has the architecture, and any loss and options, that a name gives."""
    (names, options), (given, wanted) = parse_label(label), parse_label(name)
    return (names == given or names.startswith(f"{given}:")) and wanted <= options


def number_or_text(text: str) -> float | str:
    """A number, so that 1 and 1.0 are the same; any other text without its outer blanks."""
    try:
        return float(text)
    except ValueError:
        return text.strip()
