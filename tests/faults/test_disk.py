"""A store that can no longer be written in the middle of a bench: full, locked, gone, truncated."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cmpnet.store import FILE
from tests.helpers import call
from tests.processes import Running, running, stored

BENCH = ("bench", "baseline", "--pairs", "60", "--epochs", "2", "--repeats", "40", "--no-plot")
STORE = Path(".cmpnet")
SMALL = """mount -t tmpfs -o size=72k tmpfs small && "$@"; code=$?
cp -r small/store kept; exit $code"""


def check_end(bench: Running) -> str:
    """The bench ends with exit 1 and one sentence, which is returned."""
    bench.wait_until(lambda: False, 120)
    assert bench.wait() == 1, bench.stderr
    (message,) = bench.messages()
    return message


def check_rest(store: Path, reported: set[tuple[str, int]]) -> None:
    """Reported repeats are stored, and the same command trains the rest."""
    before = stored(store)
    assert reported <= before.keys()
    assert 2 <= len(before) < 40
    done = call(*BENCH, "--store", str(store))
    assert done.returncode == 0, done.stderr
    assert f"{len(before)} of 40 repeats came from the store" in done.stdout
    assert len(stored(store)) == 40


def may_mount() -> bool:
    try:
        call = ["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(call, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not may_mount(), reason="needs a mount of its own")
def test_a_full_disk_ends_a_bench_with_a_sentence_and_keeps_finished_repeats() -> None:
    Path("small").mkdir()
    place = ("unshare", "-Urm", "sh", "-c", SMALL, "sh")
    with running(*BENCH, "--store", "small/store", prefix=place) as bench:
        assert "disk is full" in check_end(bench)
        reported = bench.reported()
    check_rest(Path("kept"), reported)


def test_a_file_that_may_not_grow_ends_a_bench_with_a_sentence() -> None:
    with running(*BENCH) as bench:
        bench.wait_until(lambda: len(bench.reported()) > 1)
        size = (STORE / FILE).stat().st_size
        resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        message = check_end(bench)
        assert "can no longer be written" in message
        assert "rerun the same command to resume" in message
    check_rest(STORE, bench.reported())


def chattr(flag: str) -> bool:
    try:
        call = ["chattr", flag, *map(str, STORE.glob(f"{FILE}*"))]
        return subprocess.run(call, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_a_store_that_becomes_read_only_ends_a_bench_with_a_sentence() -> None:
    with running(*BENCH) as bench:
        bench.wait_until(lambda: len(bench.reported()) > 1)
        try:
            if not chattr("+i"):
                pytest.skip("only root can make a file immutable")
            assert "can no longer be written" in check_end(bench)
        finally:
            chattr("-i")
    check_rest(STORE, bench.reported())


def remove() -> None:
    shutil.rmtree(STORE)


def move() -> None:
    STORE.rename("elsewhere")


def cut() -> None:
    with (STORE / FILE).open("r+b") as file:
        file.truncate(100)


@pytest.mark.parametrize("harm", [remove, pytest.param(move, marks=pytest.mark.slow), cut])
def test_a_store_that_is_taken_away_ends_a_bench_with_a_sentence(harm: Callable[[], None]) -> None:
    with running(*BENCH) as bench:
        bench.wait_until(lambda: len(bench.reported()) > 1)
        harm()
        message = check_end(bench)
        # A write or a read may notice first that the file is too short.
        assert "was moved, removed or truncated" in message or (
            harm is cut and "cannot be read" in message
        )
    if harm is move:
        check_rest(Path("elsewhere"), bench.reported())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_on_a_full_disk_is_one_sentence_and_costs_no_repeat() -> None:
    bench = (*BENCH[:6], "--repeats", "2", "--no-plot", "--quiet")
    for arguments in (bench, ("runs",), ("list",), ("--version",), ("--help",)):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "cmpnet", *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "Error: Cannot write the output: No space left on device. "
            "Finished repeats are in the store."
        ]
    assert len(stored(STORE)) == 2


def test_a_closed_output_is_not_an_error() -> None:
    for argument in ("list", "--version"):
        command = f'"{sys.executable}" -m cmpnet {argument} >&-'
        done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_an_export_that_cannot_be_written_at_the_end_costs_no_repeat() -> None:
    Path("there").mkdir()
    with running(*BENCH, "--export-json", "there/x.json") as bench:
        bench.wait_until(bench.reported)
        shutil.rmtree("there")
        assert bench.wait() == 1
        assert "Cannot write the JSON export 'there/x.json'" in bench.stderr.splitlines()[-1]
    assert len(stored(STORE)) == 40
