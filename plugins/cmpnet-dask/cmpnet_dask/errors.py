"""Every error message of this distribution, on one page."""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.errors import CmpnetError, MissingFileError, UsageError

_RESUME = "Finished repeats are in the store; rerun the same command to resume."


def two_places(address: str, file: str) -> CmpnetError:
    return UsageError(
        f"Both the address '{address}' and the scheduler file '{file}' are given; give one."
    )


def no_scheduler_file(path: str) -> CmpnetError:
    return MissingFileError(
        f"There is no scheduler file '{path}'; it is what 'dask scheduler --scheduler-file' writes."
    )


def bad_scheduler_file(path: str) -> CmpnetError:
    return UsageError(
        f"'{path}' is not a scheduler file: it has no address; it is what "
        "'dask scheduler --scheduler-file' writes."
    )


def bad_address(address: str, reason: str) -> CmpnetError:
    return UsageError(
        f"'{address}' is not the address of a scheduler: {reason}. Write tcp://HOST:8786, or "
        "tls://HOST:8786."
    )


def no_scheduler(address: str, seconds: float) -> CmpnetError:
    return CmpnetError(
        f"No Dask scheduler answers at {address} within {seconds:g} s. Start one with "
        "'dask scheduler', check host, port and protocol, or leave out --address to use this "
        "machine alone."
    )


def no_certificates(address: str) -> CmpnetError:
    return UsageError(
        f"{address} needs certificates, and Dask's configuration names none; set "
        "distributed.comm.tls (ca-file, client.cert, client.key) in ~/.config/dask."
    )


def refused_certificate(address: str, reason: str) -> CmpnetError:
    return CmpnetError(
        f"{address} and this machine do not accept each other's certificates ({reason}); both need "
        "certificates of the same authority in Dask's configuration (distributed.comm.tls)."
    )


def no_workers(address: str, seconds: float, *, begun: bool) -> CmpnetError:
    return CmpnetError(
        f"The scheduler {address} has had no worker for {seconds:g} s; start some with "
        f"'dask worker {address}', or give a longer --patience.{f' {_RESUME}' * begun}"
    )


def no_fit_workers(address: str, reasons: Sequence[str]) -> CmpnetError:
    most = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return CmpnetError(
        f"No worker of {address} can train: {'; '.join(reasons[:3])}{most}. Install there what "
        "this machine has."
    )


def lost_scheduler(address: str) -> CmpnetError:
    return CmpnetError(f"The scheduler {address} has gone. {_RESUME}")


def refused_worker(worker: str, reasons: Sequence[str]) -> str:
    return f"{worker} is not used: {'; '.join(reasons)}"


def lost_worker(worker: str, jobs: int) -> str:
    again = f"; its {jobs} job{'s are' if jobs != 1 else ' is'} run again" if jobs else ""
    return f"{worker} has gone{again}"


def cannot_enter(reason: str) -> str:
    """``reason`` is an exception in words, that a worker raised before it could look at jobs."""
    if "ModuleNotFoundError" in reason and "cmpnet" in reason:
        return f"cmpnet and cmpnet-dask are not both installed there ({reason})"
    return f"it cannot prepare: {reason}"


def paused(worker: str) -> str:
    return f"{worker} is not used: it has no memory left, so Dask has paused it"
