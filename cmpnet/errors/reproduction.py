"""What cannot be reproduced here."""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors.kinds import CmpnetError, UsageError
from cmpnet.errors.wording import listed


def not_a_path(option: str, names: Iterable[str]) -> CmpnetError:
    option, names = option.replace("_", "-"), [name.replace("_", "-") for name in names]
    return UsageError(
        f"'{option}' cannot be given: the file holds every option of its arms except paths on "
        f"this machine. Give one of {listed(names)}."
    )


def other_data(data: str, here: str, paths: Iterable[str]) -> CmpnetError:
    """``paths`` are the options of the task that are paths on this machine."""
    flags = " or ".join(f"-o {name.replace('_', '-')}=PATH" for name in paths)
    remedy = (
        f"give the data that it was trained on with {flags}" if flags else "install its version"
    )
    return UsageError(
        f"its data are not those here (SHA-256 {data[:8] or 'unknown'}..., here {here[:8]}...); "
        f"{remedy}."
    )


def own_records(arm: str) -> CmpnetError:
    return UsageError(
        f"'{arm}' has a network, loss or task of a script's own, which the file does not contain; "
        "run that script instead."
    )


def stopped_reproduction(by: str) -> CmpnetError:
    return CmpnetError(
        f"Stopped by {by}, before the repeats were compared; rerun it to begin again."
    )
