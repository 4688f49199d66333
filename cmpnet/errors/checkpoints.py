"""Checkpoints that cannot be loaded."""

from __future__ import annotations

from pathlib import Path

from cmpnet.errors.kinds import CmpnetError, UnreadableError, UsageError, VersionError
from cmpnet.errors.wording import reason_of, unreadable


def unreadable_checkpoint(path: Path, error: BaseException) -> CmpnetError:
    return unreadable(error)(
        f"'{path}' cannot be read as a checkpoint: {reason_of(error)}; give a file that "
        "'cmpnet train --save' wrote."
    )


def foreign_checkpoint(path: Path) -> CmpnetError:
    return UnreadableError(
        f"'{path}' has weights but does not name their network, so cmpnet did not save it; give a "
        "file that 'cmpnet train --save' wrote."
    )


def other_checkpoint(path: Path, schema: object, supported: int) -> CmpnetError:
    return VersionError(
        f"The checkpoint '{path}' has schema {schema}; this cmpnet reads schema {supported}. "
        "Use the version of cmpnet that saved it."
    )


def unfit_checkpoint(path: Path, reason: str) -> CmpnetError:
    return UsageError(
        f"The checkpoint '{path}' does not fit what is installed here: {reason.rstrip('.')}."
    )
