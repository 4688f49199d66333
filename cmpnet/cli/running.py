"""The way of both ``train`` and ``bench``: check everything, train, report."""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console

from cmpnet import bench, errors, provenance
from cmpnet.analysis import advice
from cmpnet.analysis.sections import Outcome, Section, distinct, outcomes
from cmpnet.cli.common import ARM_FAILED, under_way, warn
from cmpnet.cli.exports import stdout_taken, write_files
from cmpnet.executors import Executor
from cmpnet.output import export, formats, report, sheets
from cmpnet.plots import screen, series
from cmpnet.registry import Registry
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
    files: Mapping[str, export.Output],
    quiet: bool,
    verbose: bool = False,
    fail_fast: bool = False,
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
    planned = bench.plan(registry, arms)
    check_device(arms)
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
        found = outcomes(registry, sections, results)
        publish(registry, results, found, files=files, started=started, after=after)
    if any(repeat.status != "ok" for arm in results for repeat in arm.repeats.values()):
        raise typer.Exit(ARM_FAILED)


def publish(
    registry: Registry,
    results: Sequence[bench.ArmResults],
    found: Sequence[Outcome],
    *,
    files: Mapping[str, export.Output],
    started: float,
    after: After = nothing_more,
    **origin: str,
) -> None:
    """Write the files, print the tables, and warn of what is to be warned of.

    ``after`` adds to each outcome, when all files are safe; ``origin`` to the exported provenance.
    """
    pages = [sheets.page(outcome) for outcome in found]
    reference = results[found[0].places[found[0].section.reference]]
    machine = {
        **provenance.machine(),
        "device": reference.arm.config.device,
        "data_sha256": reference.data,
        "plugins": provenance.plugins(registry),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
        **origin,
    }
    write_files(
        files,
        {
            "JSON export": lambda: export.to_json(export.document(results, found, machine)),
            "CSV export": lambda: formats.to_csv(results),
            "Markdown export": lambda: formats.to_markdown(pages),
            "LaTeX export": lambda: formats.to_latex(pages),
        },
    )
    out = report.console(stderr=stdout_taken(files))
    for number, (outcome, page) in enumerate(zip(found, pages, strict=True)):
        if number:
            out.print()
        report.print_page(page, out)
        after(outcome, out)
    advised = [sentence for outcome in found for sentence in advice.of_outcome(outcome)]
    for sentence in dict.fromkeys(advised):
        warn(sentence)
