"""The way of both ``train`` and ``bench``: check everything, train, report."""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from cmpnet import (
    advice,
    bench,
    errors,
    export,
    formats,
    provenance,
    report,
    series,
    sheets,
    suites,
)
from cmpnet.cli.common import ARM_FAILED, warn
from cmpnet.cli.exports import stdout_taken, write_files
from cmpnet.comparisons import Pairs, against, with_reference
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
    files: Mapping[str, export.Output],
    quiet: bool,
    reference: int = 0,
    work: Work = bench.run_job,
    on_repeat: Callable[[bench.Finished], None] | None = None,
    after: After = nothing_more,
) -> None:
    """Train what is missing and print the table; ``after`` adds what follows it.

    ``reference`` is the place of the arm that the others are compared with.

    Raises:
        CmpnetError: something that the run needs is wrong, found before any training.
    """
    started = time.time()
    check_device(arms)
    planned = bench.plan(registry, arms)
    figures = [suites.reported(registry, arm) for arm in arms]
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(contextlib.closing(Store(store)))
        progress = report.BenchProgress(arms, len(seeds), quiet=quiet or on_repeat is not None)
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
                work=work,
                on_repeat=on_repeat or progress,
            )
        pairs = with_reference(len(results), reference)
        origin = origin_of(registry, results[reference], started)
        out = publish(results, figures, pairs, title=title, files=files, origin=origin)
        after(results, figures, out)  # a picture comes last: the numbers are safe by then
    if any(repeat.status != "ok" for arm in results for repeat in arm.repeats.values()):
        raise typer.Exit(ARM_FAILED)


def origin_of(registry: Registry, first: bench.ArmResults, started: float) -> dict[str, Any]:
    """What an export says of the machine and the time."""
    return {
        **provenance.machine(),
        "device": first.arm.config.device,
        "data_sha256": first.data,
        "plugins": provenance.plugins(registry),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
    }


def publish(
    results: Sequence[bench.ArmResults],
    figures: Sequence[series.Reported],
    pairs: Pairs,
    *,
    title: str,
    files: Mapping[str, export.Output],
    origin: Mapping[str, Any],
) -> Console:
    """Print the tables, write the files, and warn of what is to be warned of."""
    rows = against(results, pairs)
    page = sheets.page(results, figures, rows, title=title)
    out = report.console(stderr=stdout_taken(files))
    report.print_page(page, out)
    write_files(
        files,
        {
            "JSON export": lambda: export.to_json(export.document(results, figures, rows, origin)),
            "CSV export": lambda: formats.to_csv(results),
            "Markdown export": lambda: formats.to_markdown([page]),
            "LaTeX export": lambda: formats.to_latex([page]),
        },
    )
    for sentence in advice.of_bench(results, pairs, rows):
        warn(sentence)
    return out
