"""Arms and their options."""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors.kinds import CmpnetError, UnknownNameError, UsageError
from cmpnet.errors.wording import listed, nearest


def bad_arm(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' is not a valid arm; write ARCHITECTURE[:LOSS] with options in brackets, such "
        "as 'ws-aux:aux-scheduled[alpha=0.25]', in quotes because of the brackets."
    )


def repeated_arm(label: str) -> CmpnetError:
    return UsageError(f"Arm '{label}' is given twice; arms must differ.")


def bad_assignment(text: str) -> CmpnetError:
    return UsageError(f"'{text}' is not a valid option; write NAME=VALUE, such as alpha=0.75.")


def bad_sweep(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' is not a valid sweep; write NAME=VALUE,VALUE,..., such as alpha=0,0.5,1."
    )


def bad_value(sentence: str) -> CmpnetError:
    """``sentence`` says what the value is and what it must be, without the full stop."""
    return UsageError(f"{sentence}.")


def unknown_option(option: str, arm: str, names: Iterable[str]) -> CmpnetError:
    option, names = option.replace("_", "-"), [name.replace("_", "-") for name in names]
    return UnknownNameError(
        f"'{arm}' has no option '{option}'.{nearest(option, names)} "
        f"Its options: {listed(names, 40)}."
    )


def unused_option(option: str, labels: Iterable[str], names: Iterable[str] = ()) -> CmpnetError:
    names = list(names)
    options = f"Their options: {listed(names, 40)}." if names else "See 'cmpnet show NAME'."
    return UsageError(
        f"None of these arms has an option '{option}': {listed(labels)}.{nearest(option, names)} "
        f"{options}"
    )


def option_of_others(
    option: str, noun: str, others: Iterable[str], chosen: str, names: Iterable[str]
) -> CmpnetError:
    """``others`` have the option, ``chosen`` has those of ``names`` instead."""
    own = listed(name.replace("_", "-") for name in names)
    return UsageError(
        f"--{option.replace('_', '-')} is an option of --{noun} {' or '.join(others)}, not of "
        f"'{chosen}' (its options: {own}); choose another {noun}, or leave the option out."
    )


def ambiguous_option(option: str, parts: Iterable[str]) -> CmpnetError:
    parts = list(parts)
    return UnknownNameError(
        f"'{option}' is an option of both {' and '.join(parts)}; write '{parts[0]}.{option}=VALUE'."
    )


def repeated_option(option: str) -> CmpnetError:
    return UsageError(f"Option '{option.replace('_', '-')}' is given twice; give it once.")


def suite_and_arms(suite: str, arms: Iterable[str]) -> CmpnetError:
    return UsageError(f"--suite {suite} names its own arms; leave out {listed(arms)}.")
