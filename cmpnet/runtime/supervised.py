"""Run a function of cmpnet in a process that may hang or die without hurting this one."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

_CHUNK = 65536


class EndedError(Exception):
    """The process hung or died; the text says how."""


def messages(module: str, request: object, timeout: float) -> Iterator[Any]:
    """What ``module.serve(request, send)`` sends from a process of its own.

    The process sees the same modules as this one. What it prints is dropped. It has a session of
    its own, and ends with everything that it started.

    Args:
        module: the module, imported there.
        request: plain JSON values.
        timeout: seconds that may pass from one message to the next.

    Raises:
        EndedError: the process died, or was ended after the timeout.
    """
    ours, theirs = os.pipe()
    folders = [os.path.abspath(folder) for folder in sys.path]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, module, str(theirs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[theirs],
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
    )
    os.close(theirs)
    assert process.stdin is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # it is dead, which its pipe's end will say
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()  # left open: its end tells the process that we have gone
        for line in _lines(ours, timeout):
            message = json.loads(line)
            if message is None:
                return
            yield message
        process.wait(5)
        raise EndedError(_death(process.returncode))
    except subprocess.TimeoutExpired:
        raise EndedError("its process closed the pipe to cmpnet") from None
    finally:
        os.close(ours)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _lines(pipe: int, timeout: float) -> Iterator[bytes]:
    """The lines that a pipe brings until it ends.

    Raises:
        EndedError: no line came for too long.
    """
    buffer, deadline = b"", time.monotonic() + timeout
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise EndedError(f"it did not end within {timeout:g} s")
        chunk = os.read(pipe, _CHUNK)
        if not chunk:
            return
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in lines:
            yield line
            deadline = time.monotonic() + timeout


def _death(code: int) -> str:
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"its process ended ({how})"


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _main(module: str, pipe: int) -> None:
    """The process: None is the last message, whatever happens at exit."""
    from importlib import import_module

    os.set_inheritable(pipe, False)
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def send(message: object) -> None:
        os.write(pipe, json.dumps(message).encode() + b"\n")

    import_module(module).serve(request, send)
    send(None)
    os._exit(0)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
