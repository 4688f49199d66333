"""Comparisons, selections and pictures that are not possible."""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors.kinds import CmpnetError, UnknownNameError, UsageError
from cmpnet.errors.wording import listed, nearest


def no_reference(name: str, matches: Iterable[str], labels: Iterable[str]) -> CmpnetError:
    matches, labels = list(matches), list(labels)
    if matches:
        return UnknownNameError(
            f"'{name}' matches several arms: {', '.join(matches)}; name one of them."
        )
    return UnknownNameError(
        f"There is no arm '{name}' to compare with.{nearest(name, labels)} "
        f"Arms: {', '.join(labels)}."
    )


def nothing_to_compare(names: Iterable[str], left_out: str = "") -> CmpnetError:
    """``left_out`` says which arms were left out, if any."""
    if left_out:
        return UsageError(f"{' '.join(names)}: no two arms have the same protocol. {left_out}")
    return UsageError(
        f"{' '.join(names)}: only one arm, with one set of repeats; name at least two arms, or "
        "runs that differ. 'cmpnet runs' lists the runs."
    )


def not_comparable(arm: str, reference: str, reason: str) -> CmpnetError:
    return UsageError(
        f"'{arm}' cannot be compared with '{reference}': {reason}; a comparison by seed needs the "
        "same task, data and seeds."
    )


def adds_nothing(name: str) -> CmpnetError:
    return UsageError(
        f"'{name}' adds nothing: its arms are already included, with the same repeats. To make it "
        "the reference, put it first and name the arms to compare."
    )


def unknown_selection(name: str, labels: Iterable[str]) -> CmpnetError:
    labels = list(labels)
    return UnknownNameError(
        f"The store has no arm and no run '{name}'.{nearest(name, labels)} "
        f"Its arms: {listed(labels)}. 'cmpnet runs' lists the runs."
    )


def unknown_where(option: str, names: Iterable[str]) -> CmpnetError:
    names = list(names)
    return UnknownNameError(
        f"No arm here has an option '{option}'.{nearest(option, names)} --where takes one of "
        f"{listed(names, 40)}."
    )


def unknown_where_value(option: str, value: str, values: Iterable[str]) -> CmpnetError:
    values = list(values)
    return UnknownNameError(
        f"No arm here has {option}={value}.{nearest(value, values)} Values of {option}: "
        f"{listed(values)}."
    )


def nowhere(names: Iterable[str], where: str) -> CmpnetError:
    """``names`` are those of the call, ``where`` is what --where asks for."""
    return UnknownNameError(
        f"No arm of {' '.join(names) or 'the store'} has {where}; give other --where options. "
        "'cmpnet runs' lists the runs and their settings."
    )


def ambiguous_run(prefix: str, runs: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"Several runs begin with '{prefix}': {listed(runs)}; give more characters of the id."
    )


def empty_run(run: str) -> CmpnetError:
    return UsageError(
        f"Run '{run}' has no finished repeat; rerun its 'cmpnet bench' command to resume it."
    )


def no_option_values(option: str, labels: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"None of these arms has the option {option}: {listed(labels)}; train arms that have it "
        f"first, for example with 'cmpnet bench ws-aux --sweep {option}=0,0.25,0.5,0.75,1'."
    )


def none_measured_on(samples: str, other: str, labels: Iterable[str], flags: str) -> CmpnetError:
    """``samples`` and ``other`` are "test" and "validation"; ``flags`` make what is missing."""
    return UsageError(
        f"None of these arms is measured on {samples} samples: {listed(labels)}; make some, for "
        f"example with 'cmpnet bench ws-aux {flags}', or give --on {other} to see these."
    )


def no_picture(kind: str, arm: str, reason: str) -> CmpnetError:
    return UsageError(f"'{arm}' has no picture '{kind}': {reason}. Name another arm.")


def bad_title(label: str, title: str) -> CmpnetError:
    return UsageError(
        f"{title!r} cannot be the name of '{label}' in tables and pictures; write ARM=NAME with a "
        "printable name, for example --label ws-aux='ours'."
    )


def same_title(label: str, title: str) -> CmpnetError:
    return UsageError(
        f"'{title}' cannot be the name of '{label}': another arm is called so; give another name."
    )


def no_logarithm(kind: str, kinds: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"The picture '{kind}' has no logarithmic axis; leave out --log, or draw one of "
        f"{', '.join(kinds)}."
    )
