"""The protocol of a result: what must be the same for two results to be comparable.

That is the task, its data, its options and the number of epochs. Batch size, learning rate and the
other settings of a training may differ on purpose (figure 4 of the first report compares batch
sizes); those that were changed are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmpnet.spec import MEASURED_ON, ArmKey, TrainConfig
from cmpnet.syntax import label_options

DIGITS = 8  # of a fingerprint that are shown


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that is not as expected; its text is what a reader is told.

    Attributes:
        name: name of the setting.
        value: what it is.
        expected: what it should be.

    >>> print(Difference("epochs", 3, 25), Difference("pairs", 200, 1000), sep=", ")
    3 of 25 epochs, pairs 200 instead of 1000
    """

    name: str
    value: Any
    expected: Any

    def __str__(self) -> str:
        if self.name == "data":
            return "other data"
        if self.name == "epochs":
            more = self.value > self.expected
            between = " epochs instead of" if more else " of"
            return f"{self.value}{between} {self.expected}{'' if more else ' epochs'}"
        return f"{in_words(self.name, self.value)} instead of {as_text(self.expected)}"


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a result was obtained. Equal protocols are comparable.

    Attributes:
        task: name of the task.
        data: fingerprint of the data.
        task_options: options of the task, without paths on this machine.
        epochs: passes over the training samples.
        measured_on: the samples that its error is measured on: "test" or "validation".
        overridden: other settings of the training that are neither those of the architecture's
            recipe nor named by the arm's label; they do not decide what is comparable.
    """

    task: str
    data: str
    task_options: Mapping[str, Any]
    epochs: int
    measured_on: str = "test"
    overridden: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def settings(self) -> dict[str, Any]:
        """Everything that must be the same, by name; the overridden settings last."""
        own = {"task": self.task, **self._comparable(), "data": self.data}
        return {**own, **self.overridden}

    def _comparable(self) -> dict[str, Any]:
        return {"epochs": self.epochs, **self.task_options, MEASURED_ON: self.measured_on}

    def differences(self, other: Protocol) -> list[Difference]:
        """What makes this protocol incomparable with another one; empty if they are comparable.

        The options of two tasks have nothing to do with each other, and other options may mean
        other data, so only the first of these three is named.
        """
        if self.task != other.task:
            return [Difference("task", self.task, other.task)]
        changes = list(changed(self._comparable(), other._comparable()))
        if self.data != other.data and self.task_options == other.task_options:
            changes.append(Difference("data", self.data, other.data))
        return changes

    def __str__(self) -> str:
        settings = self._comparable()
        if self.measured_on in ("test", ""):
            del settings[MEASURED_ON]
        return ", ".join([self.task, *(in_words(n, value) for n, value in settings.items())])


def protocol_of(key: ArmKey, data: str, recipe: TrainConfig | None = None) -> Protocol:
    """The protocol of an arm.

    Args:
        key: names and option values of the arm.
        data: fingerprint of its data.
        recipe: the default training of its architecture; without it no setting counts as
            overridden.
    """
    named = {name.rpartition(".")[2] for name in label_options(key.label)}
    overridden = {
        change.name: change.value
        for change in _training_changes(key.config, recipe or key.config)
        if change.name != "epochs" and change.name not in named
    }
    options = {n: v for n, v in key.portable().task_options.items() if n != MEASURED_ON}
    return Protocol(
        key.task, data, options, key.config.epochs, key.measured_on, overridden=overridden
    )


def deviations(key: ArmKey, original: ArmKey) -> list[Difference]:
    """What was changed in an arm of the same architecture; device and local paths do not count."""
    changes = []
    if key.loss != original.loss:
        changes.append(Difference("loss", key.loss, original.loss))
    changes += [
        change
        for change in _training_changes(key.config, original.config)
        if change.name != "device"
    ]
    measured = [
        {**each.portable().task_options, MEASURED_ON: each.measured_on} for each in (key, original)
    ]
    changes += changed(*measured)
    changes += changed(key.architecture_options, original.architecture_options)
    if key.loss == original.loss:
        changes += changed(key.loss_options, original.loss_options)
    return changes


def _training_changes(config: TrainConfig, expected: TrainConfig) -> Iterator[Difference]:
    """The settings that differ, the options of the optimizer and other parts after all others.

    A configuration without an option has the default of the part that it names.
    """
    yield from changed(config.settings(), expected.settings())
    for part, options in config.options().items():
        same_part = getattr(config, part) == getattr(expected, part)
        others = expected.options()[part] if same_part else {}
        yield from changed(options, others, absent="default")


def changed(
    values: Mapping[str, Any], expected: Mapping[str, Any], absent: Any = None
) -> Iterator[Difference]:
    """The settings that differ, in the order of their names in both."""
    for name in {**values, **expected}:
        value, other = values.get(name, absent), expected.get(name, absent)
        if value != other:
            yield Difference(name, value, other)


def distinctions(protocols: Sequence[Protocol], labels: Sequence[str]) -> list[list[str]]:
    """For each protocol the settings that tell it from the others, unless its label names them.

    The task is one if there are several; other settings, if they vary among the results of a task.

    >>> one, other = Protocol("t", "d", {"pairs": 50}, 1), Protocol("t", "d", {"pairs": 50}, 25)
    >>> distinctions([one, other], ["ws", "ws"])
    [['1 epoch'], ['25 epochs']]
    """
    several = len({protocol.task for protocol in protocols}) > 1
    texts = []
    for protocol, label in zip(protocols, labels, strict=True):
        own, named = protocol.settings(), label_options(label)
        same_task = [other for other in protocols if other.task == protocol.task]
        names = dict.fromkeys(
            change.name
            for other in same_task
            for change in (
                *protocol.differences(other),
                *changed(protocol.overridden, other.overridden),
            )
        )
        words = [in_words(n, own[n]) for n in names if n in own and n not in named]
        texts.append([*([protocol.task] if several else []), *words])
    return texts


def in_words(name: str, value: Any) -> str:
    """A setting for readers.

    >>> in_words("epochs", 1), in_words("batch_size", 50), in_words("data", "1b2c3d4e5f")
    ('1 epoch', 'batch-size 50', 'data 1b2c3d4e')
    """
    if name == "epochs":
        return f"{value} epoch{'s' * (value != 1)}"
    if name == "data":
        return f"data {value[:DIGITS] or 'unknown'}"
    return f"{name.replace('_', '-')} {as_text(value)}"


def as_text(value: Any) -> str:
    """A value as it is typed.

    >>> [as_text(value) for value in (1.0, 0.75, None, True, "sgd")]
    ['1', '0.75', 'none', 'true', 'sgd']
    """
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
