"""From what a user types to an :class:`Arm`: names looked up, options checked and filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from pkgutil import resolve_name
from typing import Any

from cmpnet import errors
from cmpnet.options import Option, options_of
from cmpnet.registry import Entry, Registry
from cmpnet.spec import Architecture, Arm, Loss, Task, TrainConfig

_NET = ("architecture", "loss")  # the parts whose given options an arm's label shows
_ARM = re.compile(r"(?P<names>[^\[\]]+)(\[(?P<options>[^\[\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Parts:
    """The records an arm's names stand for."""

    architecture: Architecture
    loss: Loss
    task: Task


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """``["alpha=0.5", "batch-size=50"]`` as ``{"alpha": "0.5", "batch_size": "50"}``.

    Raises:
        CmpnetError: a text is not ``NAME=VALUE``.
    """
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise errors.bad_assignment(text)
        name = name.strip().replace("-", "_")
        if name in given:
            raise errors.repeated_option(name)
        given[name] = value.strip()
    return given


def split_names(registry: Registry, names: str) -> tuple[str, str | None]:
    """Architecture and loss of ``ARCHITECTURE[:LOSS]``; each may be ``DISTRIBUTION:NAME``."""
    pieces = names.split(":")
    if not all(pieces):
        raise errors.bad_arm(names)
    known = len(pieces) > 1 and registry.has("architecture", ":".join(pieces[:2]))
    cut = 2 if known else 1
    return ":".join(pieces[:cut]), ":".join(pieces[cut:]) or None


def load_parts(registry: Registry, architecture: str, loss: str | None = None) -> Parts:
    """Look the names up and refuse a pairing that cannot work.

    Raises:
        CmpnetError: a name is unknown or broken, or the loss needs what the net does not give.
    """
    arch = registry.architecture(architecture)
    chosen = registry.loss(loss or arch.loss)
    if chosen.learner != arch.learner:
        raise errors.wrong_backend(chosen.name, arch.name, (chosen.learner, arch.learner))
    for need in chosen.needs:
        if need not in arch.gives:
            raise errors.wrong_pairing(chosen.name, need, arch.name, arch.gives)
    return Parts(arch, chosen, registry.task(arch.task))


def check_entry(registry: Registry, entry: Entry) -> None:
    """Import an entry and whatever it refers to by name.

    Raises:
        CmpnetError: something of it is missing or broken.
    """
    registry.load(entry)
    if entry.noun == "architecture":
        parts = load_parts(registry, entry.qualified)
        with registry.blame(entry):
            resolve_name(parts.architecture.learner)


def part_options(parts: Parts) -> dict[str, dict[str, Option]]:
    """Options by the part they belong to; a recipe's own values are the training defaults."""
    recipe = asdict(parts.architecture.recipe)
    training = {n: replace(o, default=recipe[n]) for n, o in options_of(TrainConfig).items()}
    return {
        "architecture": options_of(parts.architecture.build),
        "loss": options_of(parts.loss.fn),
        "task": options_of(parts.task.load),
        "training": training,
    }


def set_options(
    options: Mapping[str, Mapping[str, Option]], given: Mapping[str, str]
) -> tuple[dict[str, dict[str, Any]], dict[str, tuple[str, Any]]]:
    """Every option's value by part; and for each given key that fits, its part and parsed value.

    Raises:
        CmpnetError: a value is not allowed, or a key could mean two options.
    """
    values = {part: {n: o.default for n, o in known.items()} for part, known in options.items()}
    used = {}
    for key, text in given.items():
        part, option = _locate(options, key)
        if option is not None:
            values[part][option.name] = option.parse(text)
            used[key] = (part, values[part][option.name])
    return values, used


def make_arm(
    registry: Registry,
    text: str,
    given: Mapping[str, str] | None = None,
    *,
    loss: str | None = None,
) -> tuple[Arm, set[str]]:
    """The arm that ``text`` means, and which of the ``given`` options it has.

    Options in the text's brackets must exist and go before ``given`` ones; a given option that
    this arm does not have is left to the caller, since another arm may have it.

    Raises:
        CmpnetError: a name or option is unknown, a value is not allowed, a pairing cannot work.
    """
    match = _ARM.fullmatch(text.strip())
    if match is None:
        raise errors.bad_arm(text)
    name, own_loss = split_names(registry, match["names"].strip())
    parts = load_parts(registry, name, own_loss or loss)
    options = part_options(parts)
    own = assignments(filter(None, (match["options"] or "").split(",")))
    for key in own:
        if _locate(options, key)[1] is None:
            everything = {n for known in options.values() for n in known}
            raise errors.unknown_option(key, match["names"], everything)
    values, used = set_options(options, {**(given or {}), **own})
    shown = {key: value for key, (part, value) in used.items() if key in own or part in _NET}
    arm = Arm(
        label=_label(name, parts, own_loss or loss, shown),
        architecture=name,
        loss=own_loss or loss or parts.architecture.loss,
        task=parts.architecture.task,
        architecture_options=values["architecture"],
        loss_options=values["loss"],
        task_options=values["task"],
        config=TrainConfig(**values["training"]),
    )
    return arm, set(used)


def make_arms(
    registry: Registry, texts: Iterable[str], given: Mapping[str, str], *, loss: str | None = None
) -> list[Arm]:
    """One arm a text, every given option used by at least one of them.

    Raises:
        CmpnetError: as :func:`make_arm`, or an option fits no arm, or two arms are the same.
    """
    made = [make_arm(registry, text, given, loss=loss) for text in texts]
    arms = [arm for arm, _ in made]
    refuse_twice(arms)
    refuse_unused(given, made)
    return arms


def label_parts(label: str) -> tuple[str, set[tuple[str, float | str]]]:
    """Names and options of a label, however its numbers are written.

    >>> label_parts("ws[lr=1,batch_size=50]") == label_parts("ws[batch-size=50,lr=1.0]")
    True
    """
    names, _, options = label.rstrip(" ]").partition("[")
    pairs = [text.partition("=") for text in options.split(",") if text]
    return names.strip(), {(k.strip().replace("_", "-"), _number(value)) for k, _, value in pairs}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def matches(label: str, name: str) -> bool:
    """Whether a label has the architecture, and the loss and options, that a name gives."""
    (names, options), (given, wanted) = label_parts(label), label_parts(name)
    return (names == given or names.startswith(f"{given}:")) and wanted <= options


def refuse_twice(arms: Sequence[Arm]) -> None:
    """
    Raises:
        CmpnetError: two arms are the same but for their labels.
    """
    nameless = [replace(arm, label="") for arm in arms]
    for number, arm in enumerate(arms):
        if nameless[number] in nameless[:number]:
            raise errors.repeated_arm(arm.label)


def refuse_unused(given: Iterable[str], made: Sequence[tuple[Arm, set[str]]]) -> None:
    """
    Raises:
        CmpnetError: a given option fits none of the arms.
    """
    for option in sorted(set(given).difference(*(used for _, used in made))):
        raise errors.unused_option(option.replace("_", "-"), [arm.label for arm, _ in made])


def _locate(options: Mapping[str, Mapping[str, Option]], key: str) -> tuple[str, Option | None]:
    """The part and option a key means; ``loss.alpha`` names the part where two have the name."""
    part, dot, name = key.rpartition(".")
    if dot:
        return part, options.get(part, {}).get(name)
    homes = [part for part, known in options.items() if key in known]
    if len(homes) > 1:
        raise errors.ambiguous_option(key, homes)
    return (homes[0], options[homes[0]][key]) if homes else ("", None)


def _label(name: str, parts: Parts, loss: str | None, shown: Mapping[str, object]) -> str:
    label = name if loss in (None, parts.architecture.loss) else f"{name}:{loss}"
    if shown:
        typed = (f"{k.replace('_', '-')}={_typed(k, v)}" for k, v in shown.items())
        label += "[" + ",".join(typed) + "]"
    return label


def _typed(key: str, value: object) -> str:
    """A value as one types it, so that a label finds its arm again: 1 and not 1.0."""
    if key == "data_dir":  # of a folder the last name only: an export has no paths in it
        return PurePath(str(value)).name
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
