"""From what a user names to an :class:`Arm`: records looked up once, options checked and filled in.

An arm is named by text as it is typed (``ws-aux:aux-scheduled[alpha=0.25]``) or by an
:class:`Architecture`. Nothing below this module asks which.
"""

from __future__ import annotations

import itertools
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from pkgutil import resolve_name
from typing import Any

from cmpnet import errors
from cmpnet.choices import choose
from cmpnet.options import (
    LOSS_INPUTS,
    RESERVED,
    Option,
    inputs_asked,
    parse_options,
    training_options,
)
from cmpnet.own_files import is_in_file
from cmpnet.registry import (
    Entry,
    Registry,
    blame,
    check_own,
    record_options,
)
from cmpnet.spec import (
    ANY_BACKEND,
    MEASURED_ON,
    NAMED_PARTS,
    RECIPE_PARTS,
    Architecture,
    Arm,
    ArmKey,
    Learner,
    Loss,
    Metric,
    Options,
    TrainConfig,
)
from cmpnet.syntax import parse_arm

Named = str | Architecture
_PARTS = (*NAMED_PARTS, "training", *RECIPE_PARTS)


@dataclass(slots=True)
class Shared:
    """Options for every arm that has them, and which of them an arm has used.

    Attributes:
        options: values by option name.
        loss: loss of the arms that name none.
        metric: the metric that decides; None for that of each arm's task.
        further: names of metrics to measure with beside that and those of the task.
        sweeps: values to try by option name, one arm for each combination.
        used: names of the options that at least one arm has.
        names: names of all options of the arms.
        elsewhere: names of options that are not an arm's, such as those of the executor.
    """

    options: Mapping[str, object] = field(default_factory=dict)
    loss: str | Loss | None = None
    metric: str | Metric | None = None
    sweeps: Mapping[str, Sequence[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    elsewhere: frozenset[str] = frozenset()
    further: tuple[str, ...] = ()

    def refuse_unused(self, labels: Iterable[str]) -> None:
        """
        Raises:
            CmpnetError: an option or a sweep fits none of the arms.
        """
        for name in sorted({*self.options, *self.sweeps} - self.used):
            names = [known.replace("_", "-") for known in self.names | self.elsewhere]
            raise errors.unused_option(name.replace("_", "-"), labels, names)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The records of an arm before its options are known, by noun."""

    records: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    owners: Mapping[str, str]
    files: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, Any]]  # the recipe's options of the parts that it names

    def options(self) -> dict[str, dict[str, Option]]:
        """Options by part; the recipe's values are the defaults of the training and its parts."""
        recipe = self.records["architecture"].recipe.settings()
        defaults = {**self.defaults, "training": recipe}
        return {
            part: {
                name: replace(option, default=defaults.get(part, {}).get(name, option.default))
                for name, option in options.items()
            }
            for part, options in self.own_options().items()
        }

    def own_options(self) -> dict[str, dict[str, Option]]:
        """Options by part with the defaults of each record, whatever the recipe says."""
        options = {noun: record_options(record) for noun, record in self.records.items()}
        options["training"] = training_options()
        return {part: options[part] for part in _PARTS}

    def arm(self, key: ArmKey, values: Mapping[str, Mapping[str, Any]]) -> Arm:
        """The arm with these names and checked values; its label and paths are those of a key."""
        own, config = self.own_options(), dict(values["training"])
        for part in RECIPE_PARTS:
            config[part] = self.records[part].name
            config[f"{part}_options"] = {
                name: value
                for name, value in values[part].items()
                if value != own[part][name].default or name in self.defaults[part]
            }
        key = replace(
            key,
            architecture_options=values["architecture"],
            loss_options=values["loss"],
            task_options=_task_options(values["task"]),
            config=TrainConfig(**config),
        )
        own_records = {**self.records, "metrics": self.metrics}
        return Arm(key=key, **own_records, owners=self.owners, files=self.files)


def learner_of(architecture: Architecture, owner: str = "") -> type[Learner]:
    """The learner class that trains a network; imports its backend.

    Raises:
        CmpnetError: the class cannot be imported, or lacks what a learner has.
    """
    name, path = architecture.name, architecture.learner
    with blame(name, owner):
        try:
            learner: type[Learner] = resolve_name(path)
        except (ImportError, AttributeError, ValueError) as error:
            raise errors.bad_learner(name, path, errors.text_of(error)) from error
        for attribute in ("backend", "devices", "side_by_side"):
            if not hasattr(learner, attribute):
                raise errors.bad_learner(name, path, f"it has no attribute '{attribute}'")
    return learner


def resolve(named: Named, registry: Registry, shared: Shared | None = None) -> Arm:
    """The arm that a text or a record means; sweeps do not apply.

    Options in the text's brackets must exist, and win over the shared ones. A shared option that
    this arm does not have is left alone, since another arm may have it.

    Raises:
        CmpnetError: a name or option is unknown, a value is not allowed, or the loss does not fit
            the network.
    """
    return _resolve(*_read(named), registry, shared or Shared())


def _resolve(
    names: str | Architecture, own: Mapping[str, str], registry: Registry, shared: Shared
) -> Arm:
    """The arm of a name without brackets, and its own options."""
    parts = _look_up(names, registry, shared, own)
    options = parts.options()
    names_of_all = {name for group in options.values() for name in group}
    shared.names |= names_of_all
    located: dict[str, tuple[str, Option]] = {}
    for name in {**shared.options, **own}:
        part, option = _locate(options, name)
        if option is not None:
            for other in [n for n, place in located.items() if place == (part, option)]:
                if (other in own) == (name in own):  # epochs and training.epochs
                    raise errors.repeated_option(option.name)
                del located[other]  # the arm's own value wins
                shared.used.add(other)
            located[name] = part, option
        elif name in own:
            raise errors.unknown_option(name, parts.records["architecture"].name, names_of_all)
    every = {**shared.options, **own}
    for name, (part, option) in located.items():
        if part == "training" and option.name in RECIPE_PARTS:  # found already: maybe a record
            every[name] = parts.records[option.name].name
    given = {key: every[key] for key in located}
    values = {
        part: parse_options(
            options[part], {o.name: given[k] for k, (p, o) in located.items() if p == part}
        )
        for part in _PARTS
    }
    shared.used |= located.keys() & shared.options.keys()
    shown = {
        key: option.text(values[part][option.name])
        for key, (part, option) in located.items()
        if key in own or part in ("architecture", "loss")
    }
    key = ArmKey(
        label=_label(parts, shown),
        architecture=parts.records["architecture"].name,
        loss=parts.records["loss"].name,
        task=parts.records["task"].name,
        architecture_options={},
        loss_options={},
        task_options={},
        config=TrainConfig(),
        local_paths=tuple(name for name, o in options["task"].items() if o.is_local_path),
        metric=next(iter(parts.metrics)),
    )
    return parts.arm(key, values)


def resolve_all(named: Iterable[Named], registry: Registry, shared: Shared) -> list[Arm]:
    """One arm per name, or one per combination of the swept values; no two are equal.

    Raises:
        CmpnetError: as :func:`resolve`, or two arms are the same.
    """
    arms = [arm for one in named for arm in expand(one, registry, shared)]
    refuse_repeated(arms)
    return told_apart(arms)


def told_apart(arms: Sequence[Arm]) -> list[Arm]:
    """The arms, with longer ends of the paths in labels that would otherwise be the same.

    A label shows the last component of a path: ``ws[data-dir=x]`` for both ``a/x`` and ``b/x``,
    which become ``ws[data-dir=a/x]`` and ``ws[data-dir=b/x]``.
    """
    labels = [arm.label for arm in arms]
    for label in {label for label in labels if labels.count(label) > 1}:
        same = [number for number, arm in enumerate(arms) if arm.label == label]
        for name in arms[same[0]].key.local_paths:
            paths = [PurePath(str(arms[n].key.task_options.get(name))) for n in same]
            count = 1
            while len({path.parts[-count:] for path in paths}) < len(set(paths)):
                count += 1
            flag = f"{name.replace('_', '-')}="
            for number, path in zip(same, paths, strict=True):
                end = PurePath(*path.parts[-count:]).as_posix()
                labels[number] = labels[number].replace(f"{flag}{path.name}", f"{flag}{end}")
    return [
        replace(arm, key=replace(arm.key, label=label))
        for arm, label in zip(arms, labels, strict=True)
    ]


def expand(named: Named, registry: Registry, shared: Shared) -> list[Arm]:
    """The arms that one name means under the sweeps.

    An arm takes part in the sweeps of those options that it has and does not set itself.
    """
    names, own = _read(named)
    first = {name: values[0] for name, values in shared.sweeps.items()}
    choices = [name for name in shared.sweeps if _names_part(name) and name not in own]
    arms = []
    for chosen in itertools.product(*(shared.sweeps[name] for name in choices)):
        part = {**own, **dict(zip(choices, chosen, strict=True))}
        given = {**shared.options, **first, **part}
        options = _look_up(names, registry, shared, part, given).options() if first else {}
        swept = [n for n in shared.sweeps if n not in part and _locate(options, n)[1] is not None]
        shared.used |= {*choices, *swept}
        arms += [
            _resolve(names, {**part, **dict(zip(swept, values, strict=True))}, registry, shared)
            for values in itertools.product(*(shared.sweeps[name] for name in swept))
        ]
    return arms


def _names_part(option: str) -> bool:
    """Whether an option says which optimizer, schedule or augmentation is used."""
    return option.removeprefix("training.") in RECIPE_PARTS


def refuse_repeated(arms: Sequence[Arm]) -> None:
    """
    Raises:
        CmpnetError: two arms have the same names and option values; their labels do not matter.
            Or two different records have the same name.
    """
    for number, arm in enumerate(arms):
        for other in arms[:number]:
            if arm.key == other.key:
                raise errors.repeated_arm(arm.label)
            for noun in ("architecture", "loss"):
                one, two = getattr(arm, noun), getattr(other, noun)
                # One plain network of a file may return different outputs for different options.
                is_same = arm.owners.get(noun) and arm.owners.get(noun) == other.owners.get(noun)
                if one.name == two.name and one != two and not is_same:
                    raise errors.bad_value(
                        f"two different records are called '{one.name}'; each needs its own name"
                    )


def options_by_part(
    named: str | Architecture, registry: Registry, shared: Shared | None = None
) -> dict[str, dict[str, Option]]:
    """Every option that an arm takes, by the part it belongs to.

    Args:
        named: the arm; of the options in brackets, those that name a part matter.
        registry: the names.
        shared: loss, optimizer, schedule and augmentation of an arm that names none.

    Raises:
        CmpnetError: as :func:`resolve`.
    """
    names, own = _read(named)
    return _look_up(names, registry, shared or Shared(), own).options()


def parts_of(key: ArmKey, registry: Registry) -> Arm:
    """The arm of a stored key, every option checked as if it was typed; on the CPU.

    Raises:
        CmpnetError: a name or an option is unknown here, or a value is no longer allowed.
    """
    chosen: dict[str, str] = {part: getattr(key.config, part) for part in RECIPE_PARTS}
    for name in (key.architecture, key.loss, key.metric, *chosen.values()):
        if is_in_file(name) and PurePath(name).name != name:
            raise errors.stored_path(name)
    stored = {
        "architecture": key.architecture_options,
        "loss": key.loss_options,
        "task": key.task_options,
        "training": {**key.config.settings(), "device": "cpu"},
        **key.config.options(),
    }
    given = {f"{part}.{name}": value for part in stored for name, value in stored[part].items()}
    shared = Shared(loss=key.loss, metric=key.metric)
    parts = _look_up(key.architecture, registry, shared, chosen, given)
    if key.task != parts.records["task"].name:
        raise errors.other_task(key.architecture, parts.records["task"].name, key.task)
    # What the key does not have is the default of its record, not that of the recipe.
    values = {}
    for part, known in parts.own_options().items():
        for name in stored[part].keys() - known.keys():
            raise errors.unknown_option(name, key.label, known)
        values[part] = parse_options(known, stored[part])
    return parts.arm(key, values)


def _task_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """The task's options as a key has them: without ``on=test``.

    cmpnet 0.1 had no such option, and measured on test samples; its arms stay the same.
    """
    return {n: value for n, value in values.items() if (n, value) != (MEASURED_ON, "test")}


def _label(parts: _Parts, shown: Mapping[str, str]) -> str:
    architecture, loss = parts.records["architecture"], parts.records["loss"].name
    label = architecture.name if loss == architecture.loss else f"{architecture.name}:{loss}"
    typed = ",".join(f"{key.replace('_', '-')}={value}" for key, value in shown.items())
    return f"{label}[{typed}]" if typed else label


# -- names ----------------------------------------------------------------------------------------


def name_of(named: Named) -> str:
    """The name or label of an arm, for errors."""
    if isinstance(named, Architecture):
        return named.name
    return str(named)


def _read(named: Named) -> tuple[str | Architecture, dict[str, str]]:
    """The names, and the options in brackets."""
    if isinstance(named, Architecture):
        return named, {}
    if not isinstance(named, str):
        raise errors.bad_arm(reprlib.repr(named))
    return parse_arm(named)


def _split(registry: Registry, names: str) -> tuple[str, str | None]:
    """Architecture and loss of ``ARCHITECTURE[:LOSS]``.

    Each may be ``DISTRIBUTION:NAME`` or ``FILE.py:NAME``; a file that is followed by nothing may
    stand alone.
    """
    pieces = names.split(":")
    if not all(pieces):
        raise errors.bad_arm(names)
    qualified = is_in_file(names) or registry.has("architecture", ":".join(pieces[:2]))
    cut = 2 if qualified and len(pieces) > 1 else 1
    return ":".join(pieces[:cut]), ":".join(pieces[cut:]) or None


def names_arm(registry: Registry, word: str) -> bool:
    """Whether a word on the command line names an arm, or a file that one may be in."""
    names = word.partition("[")[0]
    pieces = names.split(":")
    return is_in_file(names) or any(
        "/" not in names and registry.has("architecture", ":".join(pieces[:n])) for n in (1, 2)
    )


def _look_up(
    names: str | Architecture,
    registry: Registry,
    shared: Shared,
    own: Mapping[str, object],
    given: Options | None = None,
) -> _Parts:
    """The records; one that does not suit the network is refused.

    Args:
        names: architecture, and loss if it is not the default.
        registry: the names.
        shared: the loss and the options of arms that give none.
        own: options of the arm.
        given: options that plain code of a file is tried with; by default all of these.

    Raises:
        CmpnetError: a name is unknown or broken, or a record needs another backend or output.
    """
    entries: dict[str, Entry] = {}
    given = {**shared.options, **own} if given is None else given
    own_loss: str | Loss | None = shared.loss
    if isinstance(names, str):
        name, named_loss = _split(registry, names)
        registry.open_file_of(name)
        entries["architecture"] = registry.find("architecture", name)
        architecture = registry.architecture(name, given)
        own_loss = own_loss if named_loss is None else named_loss
    else:
        architecture = names
        check_own(architecture)
    own_loss = architecture.loss if own_loss is None else own_loss
    if isinstance(own_loss, Loss):
        check_own(own_loss)
    else:
        registry.open_file_of(own_loss)
        entries["loss"] = registry.find("loss", own_loss)
        own_loss = registry.loss(own_loss, given)
    entries["task"] = registry.find("task", architecture.task)
    records: dict[str, Any] = {
        "architecture": architecture,
        "loss": own_loss,
        "task": registry.task(architecture.task),
    }
    owner = entries["architecture"].owner if "architecture" in entries else ""
    learner = learner_of(architecture, owner)
    chosen = choose(architecture, learner.backend, registry, own, shared.options)
    records |= {part: choice.record for part, choice in chosen.items()}
    entries |= {part: choice.entry for part, choice in chosen.items() if choice.entry}
    defaults: dict[str, Mapping[str, Any]] = {p: one.defaults for p, one in chosen.items()}
    _check_pairing(records, learner)
    owners = {noun: entries[noun].owner if noun in entries else "" for noun in records}
    metrics: dict[str, Metric] = {}
    for each in (shared.metric, *records["task"].metrics, *shared.further):
        if isinstance(each, Metric):
            check_own(each)
            metrics[each.name], owners[f"metric {each.name}"] = each, ""
        elif each is not None and each not in metrics:
            registry.open_file_of(each)
            record = registry.metric(each)  # its name is without the path that was typed
            entry = entries[f"metric {record.name}"] = registry.find("metric", each)
            metrics[record.name], owners[f"metric {record.name}"] = record, entry.owner
    files = {entry.owner: entry.module for entry in entries.values() if entry.in_file}
    return _Parts(records, metrics, owners, files, defaults)


def _check_pairing(records: Mapping[str, Any], learner: type[Learner]) -> None:
    """
    Raises:
        CmpnetError: a record is written for another backend than the network's, or the loss asks
            for what the network or the learner does not give.
    """
    architecture, loss = records["architecture"], records["loss"]
    for noun in ("loss", *RECIPE_PARTS):
        own = getattr(records[noun], "backend", ANY_BACKEND)
        if own not in (learner.backend, ANY_BACKEND):
            name = records[noun].name
            raise errors.wrong_backend(noun, name, own, architecture.name, learner.backend)
    for need in loss.needs:
        if need not in architecture.outputs:
            raise errors.wrong_pairing(loss.name, need, architecture.name, architecture.outputs)
    gives = getattr(learner, "gives", RESERVED)
    for name in sorted(inputs_asked(loss.fn, LOSS_INPUTS) - set(gives)):
        raise errors.wrong_input(loss.name, name, architecture.name, gives)


def _locate(options: Mapping[str, Mapping[str, Option]], key: str) -> tuple[str, Option | None]:
    """The part and the option that a key means.

    ``loss.alpha`` names the part, for options that several parts have.

    Raises:
        CmpnetError: several parts have the option.
    """
    part, dot, name = key.rpartition(".")
    if dot:
        return part, options.get(part, {}).get(name)
    homes = [part for part, known in options.items() if key in known]
    if len(homes) > 1:
        raise errors.ambiguous_option(key, homes)
    return (homes[0], options[homes[0]][key]) if homes else ("", None)
