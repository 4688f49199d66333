"""A run as it is recorded: from finished repeats to results."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cmpnet import errors, provenance, runner, suites
from cmpnet.events import Finished, Planned
from cmpnet.registry import Registry
from cmpnet.results import ArmResults, Results, Section, pairs_with
from cmpnet.run_options import RunOptions
from cmpnet.spec import Arm, ArmKey
from cmpnet.store import Store
from cmpnet.suites import ResolvedSuite


class Recorder:
    """Collects the repeats of a run, arm by arm."""

    def __init__(self, arms: Sequence[Arm], options: RunOptions, seeds: Sequence[int]) -> None:
        self.started = time.time()
        self.arms, self.options, self.seeds = arms, options, seeds
        self.repeats: list[dict[int, Finished]] = [{} for _ in arms]
        self.plans = runner.plan(arms)
        for device in sorted({arm.config.device for arm in arms} - {"cpu"}):
            _check_device(device)

    @contextlib.contextmanager
    def running(self) -> Iterator[runner.Bench]:
        """The run in the store. Errors inside come after training has begun."""
        options = self.options
        with contextlib.closing(Store(Path(options.store))) as store, errors.during_run():
            labels = tuple(arm.label for arm in self.arms)
            epochs = tuple(arm.config.epochs for arm in self.arms)
            options.on_event(Planned(labels, epochs, tuple(self.seeds)))
            settings = runner.Settings(
                seeds=self.seeds, store=store, fresh=options.fresh, fail_fast=options.fail_fast
            )
            yield runner.Bench(self.plans, settings)

    def record(self, finished: Sequence[Finished]) -> None:
        """Take in finished repeats, and pass them on."""
        for event in finished:
            self.repeats[event.arm][event.result.seed] = event
            self.options.on_event(event)

    def sections(self, tables: Sequence[ResolvedSuite]) -> list[Section]:
        """What was recorded, a section per table."""
        trained = [
            ArmResults(
                key=plan.arm.key,
                repeats={seed: event.result for seed, event in sorted(repeats.items())},
                wanted=len(self.seeds),
                stored=sum(event.stored for event in repeats.values()),
                data=plan.data,
                code=plan.code,
                task=plan.arm.task,
            )
            for plan, repeats in zip(self.plans, self.repeats, strict=True)
        ]
        return [
            Section(
                arms=tuple(trained[self.arms.index(arm)].labelled(arm.label) for arm in table.arms),
                pairs=pairs_with(len(table.arms)),
                title=table.title,
                suite=table.suite,
                claims=table.claims,
            )
            for table in tables
        ]

    def results(
        self,
        registry: Registry,
        tables: Sequence[ResolvedSuite],
        sources: Sequence[suites.Suite] = (),
    ) -> Results:
        """What was recorded, with the figures of reports, compared with the reference."""
        own = [arm.key for arm in self.arms if "" in arm.owners.values()]
        sections = with_reported(self.sections(tables), registry, sources, unreported=own)
        about = provenance_of(registry, sections[0].arms, self.started)
        results = Results(sections=sections, provenance=about)
        reference = self.options.reference
        return results if reference is None else results.against(reference)


def _check_device(device: str) -> None:
    """Refuse a device that this machine lacks before anything is trained."""
    from cmpnet.learners.torch import use_device

    if not re.fullmatch(r"cuda(:\d+)?", device):
        raise errors.no_device(device, "it must be cpu, cuda or cuda:N")
    use_device(device)


def provenance_of(
    registry: Registry, arms: Sequence[ArmResults], started: float | None = None
) -> dict[str, Any]:
    """Versions, machine and time, as the JSON export has them."""
    started = time.time() if started is None else started
    return {
        **provenance.machine(),
        "device": arms[0].key.config.device,
        "data_sha256": arms[0].data,
        "plugins": provenance.plugins(registry),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
    }


def with_reported(
    sections: Sequence[Section],
    registry: Registry,
    sources: Sequence[suites.Suite] = (),
    unreported: Sequence[ArmKey] = (),
) -> tuple[Section, ...]:
    """The sections with the figures that reports give for their arms.

    ``unreported`` arms have records of the caller's own, which may be called as installed ones.
    """
    arms = [arm for section in sections for arm in section.arms]
    figures = suites.reported_for(registry, [arm.key for arm in arms], sources)
    completed = iter(
        [
            arm if arm.key in unreported else replace(arm, reported=figures.get(n))
            for n, arm in enumerate(arms)
        ]
    )
    return tuple(
        replace(section, arms=tuple(itertools.islice(completed, len(section.arms))))
        for section in sections
    )


def with_task(arm: ArmResults, registry: Registry) -> ArmResults:
    """The arm with its task's record, if the plugin is installed and works."""
    with contextlib.suppress(errors.CmpnetError):
        return replace(arm, task=registry.task(arm.key.task))
    return arm
