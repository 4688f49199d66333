"""Which arms a name or an option value means: ``ws[epochs=25]``, ``--where pairs=1000``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from cmpnet import errors
from cmpnet.protocol import as_text
from cmpnet.spec import MEASURED_ON, ArmKey
from cmpnet.syntax import number_or_text, parse_label

Where = Mapping[str, object]


def matches(key: ArmKey, name: str) -> bool:
    """Whether an arm has the architecture, and any loss and option values, that a name gives.

    The options need not be those of the arm's label.
    """
    names, _ = parse_label(key.label)
    given, options = parse_label(name)
    return (names == given or names.startswith(f"{given}:")) and _has_all(key, options)


def is_exactly(key: ArmKey, name: str) -> bool:
    """Whether a name also gives every option that the arm's label has."""
    names, labelled = parse_label(key.label)
    given, options = parse_label(name)
    return names == given and labelled <= options and _has_all(key, options)


def _has_all(key: ArmKey, options: set[tuple[str, float | str]]) -> bool:
    _, labelled = parse_label(key.label)
    return all((n, v) in labelled or has_value(key, n, v) for n, v in options)


def gives_protocol(name: str, key: ArmKey) -> bool:
    """Whether a name gives an option that results must share in order to be comparable."""
    options = {option.rpartition(".")[2] for option, _ in parse_label(name)[1]}
    return not options.isdisjoint(
        n.replace("_", "-") for n in ("epochs", MEASURED_ON, *key.task_options)
    )


def has_value(key: ArmKey, name: str, value: object) -> bool:
    """Whether one of an arm's options has this name and this value, however it is written."""
    flag = name.replace("_", "-")
    own = [_plain(text) for option, text in values_of(key) if option == flag]
    return _plain(as_text(value)) in own


def _plain(text: str) -> float | str:
    """1 and 1.0 are the same, and so are True and true."""
    words = ("true", "false", "none")
    return text.lower() if text.lower() in words else number_or_text(text)


def satisfies(key: ArmKey, where: Where) -> bool:
    """Whether an arm has all of these option values."""
    return all(has_value(key, name, value) for name, value in where.items())


def where_text(where: Where) -> str:
    """Option values as they are typed."""
    return " and ".join(f"{n.replace('_', '-')}={as_text(value)}" for n, value in where.items())


def check_where(keys: Sequence[ArmKey], where: Where) -> None:
    """
    Raises:
        CmpnetError: no arm has an option of a name, or none has the value.
    """
    # 10,000 arms have 240,000 values, which take 0.5 s.
    known = [pair for key in keys for pair in values_of(key)] if where else []
    for name, value in where.items():
        flag, text = name.replace("_", "-"), as_text(value)
        values = {own for option, own in known if option == flag}
        if not values:
            raise errors.unknown_where(flag, {n for n, _ in known if "." not in n})
        if not any(has_value(key, name, value) for key in keys):
            raise errors.unknown_where_value(flag, text, values)


def values_of(key: ArmKey) -> Iterator[tuple[str, str]]:
    """The names of an arm and its options, these with and without their part ("loss.alpha")."""
    yield from (("architecture", key.architecture), ("loss", key.loss), ("task", key.task))
    parts: dict[str, Mapping[str, Any]] = {
        "architecture": key.architecture_options,
        "loss": key.loss_options,
        "task": {**key.task_options, MEASURED_ON: key.measured_on},
        "training": key.config.settings(),
        **key.config.options(),
    }
    for part, options in parts.items():
        for name, value in options.items():
            texts = [as_text(value)]
            if name in key.local_paths and value is not None:
                texts.append(PurePath(str(value)).name)
            for text in dict.fromkeys(texts):
                flag = name.replace("_", "-")
                yield flag, text
                yield f"{part}.{flag}", text
