"""Reaching a scheduler, or starting one here; each way to fail is a sentence."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import ssl
import threading
from pathlib import Path
from typing import Any

import dask
import distributed
from distributed.comm.addressing import parse_address
from distributed.comm.registry import backends

from cmpnet.errors import text_of
from cmpnet.runtime.executors import default_workers
from cmpnet_dask import errors

SEND = 0.001  # seconds between messages to the scheduler
CONNECT = 10.0  # seconds that a scheduler may take to answer


def address_of(address: str | None, scheduler_file: str | None) -> str | None:
    """The address of the scheduler that a user named; None if none.

    Raises:
        CmpnetError: two are named, the file is none of a scheduler, or the address is none.
    """
    if address is not None and scheduler_file is not None:
        raise errors.two_places(address, scheduler_file)
    if scheduler_file is not None:
        address = _read(scheduler_file)
    if address is None:
        return None
    try:
        scheme, place = parse_address(address)
        known = sorted({*backends, "tls"} - {"inproc"})
        if scheme not in known:
            raise ValueError(f"'{scheme}' is no protocol of Dask ({', '.join(known)})")
        if scheme in ("tcp", "tls") and not place.rpartition(":")[2].isdecimal():
            raise ValueError("it has no port")
    except ValueError as error:
        raise errors.bad_address(address, str(error)) from None
    return address if "://" in address else f"{scheme}://{address}"


def _read(path: str) -> str:
    """The address in a scheduler file."""
    try:
        return str(json.loads(Path(path).read_text())["address"])
    except FileNotFoundError:
        raise errors.no_scheduler_file(path) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise errors.bad_scheduler_file(path) from None


def connect(address: str, patience: float) -> distributed.Client:
    """A client of the scheduler at an address; TLS is configured by Dask's configuration.

    Raises:
        CmpnetError: it cannot be reached.
    """
    if address.startswith("tls:") and not _has_certificates():
        raise errors.no_certificates(address)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is a sentence
    seconds = min(CONNECT, patience)
    try:
        client = _in_time(address, seconds)
    except (OSError, ssl.SSLError, TypeError, ValueError, ImportError) as error:
        reason = _innermost(error)
        if isinstance(reason, ssl.SSLError) and address.startswith("tls:"):
            said = getattr(reason, "verify_message", "") or reason.reason or str(reason)
            raise errors.refused_certificate(address, said.replace("_", " ").lower()) from None
        if isinstance(error, OSError):
            raise errors.no_scheduler(address, seconds) from None
        raise errors.bad_address(address, text_of(error)) from None
    # Dask's client waits up to 10 ms for more to send: 1 worker, 1,500 instant jobs, 7.6 ms a job.
    with contextlib.suppress(AttributeError):
        client.scheduler_comm.interval = SEND
    return client


def _in_time(address: str, seconds: float) -> distributed.Client:
    """A client. Dask waits for ever for a server of something else, such as HTTP.

    Raises:
        OSError: nobody answers in time.
    """
    made: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def make() -> None:
        try:
            made.put(distributed.Client(address, timeout=seconds, set_as_default=False))
        except BaseException as error:
            made.put(error)

    threading.Thread(target=make, daemon=True).start()
    try:
        client = made.get(timeout=2 * seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(client, BaseException):
        raise client
    return client


def start_here(workers: int | None) -> distributed.Client:
    """A client of a cluster in this process, which no other machine can reach."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=default_workers() if workers is None else workers,
        processes=False,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
    )
    return distributed.Client(cluster, set_as_default=False)


def _has_certificates() -> bool:
    paths = [dask.config.get("distributed.comm.tls.ca-file", None)]
    paths += [dask.config.get(f"distributed.comm.tls.client.{kind}", None) for kind in ("cert",)]
    return all(path and os.path.exists(path) for path in paths)


def _innermost(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
