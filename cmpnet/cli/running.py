"""The way of both ``train`` and ``bench``: check everything, train, report."""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from rich.console import Console

from cmpnet import bench, errors, export, provenance, report, series, suites, tables
from cmpnet.cli.common import ARM_FAILED, under_way
from cmpnet.comparisons import against_first
from cmpnet.executors import Executor
from cmpnet.plots import screen
from cmpnet.registry import Registry
from cmpnet.spec import Arm, RepeatResult
from cmpnet.store import Store

Work = Callable[[bench.Job], list[RepeatResult]]


After = Callable[[Sequence[bench.ArmResults], Sequence[series.Reported], Console], None]


def nothing_more(
    results: Sequence[bench.ArmResults], figures: Sequence[series.Reported], out: Console
) -> None:
    """What follows a table where no picture is wanted."""


def bars(
    results: Sequence[bench.ArmResults], figures: Sequence[series.Reported], out: Console
) -> None:
    """The bars under the table of a bench."""
    report.print_picture(series.rows(results, figures), out, screen(out))


def open_output(stack: contextlib.ExitStack, path: str | None, what: str) -> export.Output | None:
    """A file for the end of the run, found writable now."""
    return stack.enter_context(contextlib.closing(export.Output(path, what))) if path else None


def check_device(arms: Sequence[Arm]) -> None:
    """Refuse a device this machine lacks before anything is trained."""
    devices = {arm.config.device for arm in arms} - {"cpu"}
    if devices:
        from cmpnet.learners.torch import use_device

        for device in sorted(devices):
            if not re.fullmatch(r"cuda(:\d+)?", device):
                raise errors.no_device(device, "it must be cpu, cuda or cuda:N")
            use_device(device)


def compare(
    registry: Registry,
    arms: Sequence[Arm],
    seeds: Sequence[int],
    *,
    title: str,
    executor: Executor,
    store: Path,
    fresh: bool,
    json_file: export.Output | None,
    quiet: bool,
    verbose: bool = False,
    fail_fast: bool = False,
    work: Work = bench.run_job,
    on_repeat: Callable[[bench.Finished], None] | None = None,
    after: After = nothing_more,
) -> None:
    """Train what is missing and print the table; ``after`` adds what follows it.

    Raises:
        CmpnetError: something that the run needs is wrong, found before any training.
    """
    started = time.time()
    planned = bench.plan(registry, arms)
    check_device(arms)
    figures = [suites.reported(registry, arm) for arm in arms]
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(contextlib.closing(Store(store)))
        stack.enter_context(under_way())
        progress = report.BenchProgress(arms, len(seeds), quiet=quiet or on_repeat is not None)

        def seen(finished: bench.Finished) -> None:
            (on_repeat or progress)(finished)
            if verbose:
                report.print_traceback(finished.result)

        # The table's statistics need it, 1.1 s in which the workers train.
        threading.Thread(target=importlib.import_module, args=("scipy.stats",)).start()
        with progress:
            results = bench.run(
                planned,
                seeds,
                store=kept,
                executor=executor,
                disabled=sorted(registry.disabled),
                fresh=fresh,
                fail_fast=fail_fast,
                work=work,
                on_repeat=seen,
                on_wait=progress.wait,
            )
        out = report.console(stderr=json_file is not None and json_file.path == "-")
        out.print(
            report.bench_table(results, figures, title=title, repeats=len(seeds), width=out.width)
        )
        rows = against_first(results)
        if rows:
            out.print(tables.comparison_table(rows))
        for note in [*report.bench_notes(results), *tables.comparison_notes(rows)]:
            out.print(note, style="dim", soft_wrap=True)
        if json_file is not None:
            origin = {
                **provenance.machine(),
                "device": arms[0].config.device,
                "data_sha256": planned[0].data,
                "plugins": provenance.plugins(registry),
                "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
                "seconds": round(time.time() - started, 3),
            }
            json_file.write(
                export.to_json(
                    export.document(results, figures, [item.data for item in planned], origin)
                )
            )
        after(results, figures, out)  # a picture comes last: the numbers are safe by then
    if any(repeat.status != "ok" for arm in results for repeat in arm.repeats.values()):
        raise typer.Exit(ARM_FAILED)
