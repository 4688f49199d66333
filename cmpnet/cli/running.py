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

from cmpnet import bench, errors, export, provenance, report, series
from cmpnet.cli.common import ARM_FAILED
from cmpnet.executors import Executor
from cmpnet.plots import screen
from cmpnet.registry import Registry
from cmpnet.sections import Outcome, Section, distinct, outcomes
from cmpnet.spec import Arm, RepeatResult
from cmpnet.store import Store

Work = Callable[[bench.Job], list[RepeatResult]]
After = Callable[[Outcome, Console], None]


def nothing_more(outcome: Outcome, out: Console) -> None:
    """What follows a table where no picture is wanted."""


def bars(outcome: Outcome, out: Console) -> None:
    """The bars under the table of a bench."""
    picture = series.rows(outcome.results, outcome.section.figures)
    report.print_picture(picture, out, screen(out))


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
    sections: Sequence[Section],
    seeds: Sequence[int],
    *,
    executor: Executor,
    store: Path,
    fresh: bool,
    json_file: export.Output | None,
    quiet: bool,
    work: Work = bench.run_job,
    on_repeat: Callable[[bench.Finished], None] | None = None,
    after: After = nothing_more,
) -> None:
    """Train what is missing of all sections as one bench, then print each; ``after`` adds to it.

    Raises:
        CmpnetError: something that the run needs is wrong, found before any training.
    """
    started = time.time()
    arms = distinct(sections)
    check_device(arms)
    planned = bench.plan(registry, arms)
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
        found = outcomes(registry, sections, results)
        if json_file is not None:  # before any picture, so that none can cost numbers
            origin = {
                **provenance.machine(),
                "device": arms[0].config.device,
                "data_sha256": planned[0].data,
                "plugins": provenance.plugins(registry),
                "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
                "seconds": round(time.time() - started, 3),
            }
            data = [item.data for item in planned]
            json_file.write(export.to_json(export.document(results, data, found, origin)))
        out = report.console(stderr=json_file is not None and json_file.path == "-")
        for number, outcome in enumerate(found):
            if number:
                out.print()
            report.print_outcome(outcome, out, repeats=len(seeds))
            after(outcome, out)
    if any(repeat.status != "ok" for arm in results for repeat in arm.repeats.values()):
        raise typer.Exit(ARM_FAILED)
