"""A run as it is recorded: from finished repeats to results."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cmpnet import errors, jobs, provenance, runner, suites, timing
from cmpnet.analysis.decide import FIRST_LOOK
from cmpnet.events import Finished, Lost, Planned
from cmpnet.registry import Registry
from cmpnet.results import ArmResults, Results, Section, measured, pairs_with
from cmpnet.run_options import RunOptions
from cmpnet.runtime.executors import Executor
from cmpnet.spec import Arm, ArmKey, Metric
from cmpnet.store import Store
from cmpnet.suites import ResolvedSuite


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What has come of one arm: the last event of each repeat by seed."""

    plan: jobs.Plan
    repeats: dict[int, Finished] = field(default_factory=dict)


class Recorder:
    """Collects the repeats of a run and the times of its arms, arm by arm."""

    def __init__(self, arms: Sequence[Arm], options: RunOptions, seeds: Sequence[int]) -> None:
        self.started = time.time()
        self.arms, self.options, self.seeds = arms, options, seeds
        self.recorded = [_Recorded(plan) for plan in jobs.plan(arms)]
        self.wanted = [len(seeds)] * len(arms)  # repeats of each arm
        self.run = ""
        self.times: dict[int, tuple[float, ...] | Lost] = {}
        self._extended_from: list[int] = []  # of each table
        if options.time:
            timing.check(dict(enumerate(arms)))
        for device in sorted({arm.config.device for arm in arms} - {"cpu"}):
            check_device(device)

    @property
    def plans(self) -> list[jobs.Plan]:
        """The plan of each arm."""
        return [one.plan for one in self.recorded]

    @contextlib.contextmanager
    def running(self, tables: Sequence[ResolvedSuite] = ()) -> Iterator[runner.Bench]:
        """The run in the store. Errors inside come after training has begun.

        Args:
            tables: what the run shows; the store is asked whether it showed them before.
        """
        options = self.options
        with contextlib.closing(Store(Path(options.store))) as store, errors.during_run():
            self._extended_from = [
                0
                if options.until_decided
                else store.compared_before([arm.key for arm in table.arms], self.seeds)
                for table in tables
            ]
            first = self.seeds[:FIRST_LOOK] if options.until_decided else self.seeds
            curves = tuple(arm.task.metrics[0] for arm in self.arms)
            options.on_event(Planned(tuple(arm.key for arm in self.arms), tuple(first), curves))
            bench = runner.Bench(self.plans, self.seeds, store, options)
            self.run = bench.id
            yield bench

    def record(self, finished: Sequence[Finished]) -> None:
        """Record finished repeats and pass them on."""
        for event in finished:
            self.recorded[event.arm].repeats[event.result.seed] = event
            self.options.on_event(event)

    def time(self, executor: Executor) -> None:
        """Time the arms that have a successful repeat, after all training is done."""
        arms = {
            number: one.plan.arm
            for number, one in enumerate(self.recorded)
            if any(event.result.status == "ok" for event in one.repeats.values())
        }
        self.times = timing.measure(arms, self.seeds[0], executor, self.options.on_event)

    def sections(self, tables: Sequence[ResolvedSuite]) -> list[Section]:
        """What was recorded, a section per table."""
        trained = [
            ArmResults(
                key=one.plan.arm.key,
                repeats={seed: event.result for seed, event in sorted(one.repeats.items())},
                wanted=wanted,
                stored=sum(event.stored for event in one.repeats.values()),
                data=one.plan.data,
                code=one.plan.code,
                until_decided=self.options.until_decided,
                times=() if isinstance(times := self.times.get(number, ()), Lost) else times,
                task=one.plan.arm.task,
                metrics=one.plan.arm.metrics,
                recipe=one.plan.arm.architecture.recipe,
            )
            for number, (one, wanted) in enumerate(zip(self.recorded, self.wanted, strict=True))
        ]
        return [
            Section(
                arms=tuple(
                    replace(
                        trained[self.arms.index(arm)].labelled(arm.label),
                        title=table.titles.get(place, ""),
                    )
                    for place, arm in enumerate(table.arms)
                ),
                pairs=pairs_with(len(table.arms)),
                title=table.title,
                suite=table.suite,
                claims=table.claims,
                deviation=table.deviation,
                swept=table.swept,
                extended_from=extended_from,
            )
            for table, extended_from in zip(
                tables, self._extended_from or [0] * len(tables), strict=True
            )
        ]

    def results(
        self,
        registry: Registry,
        tables: Sequence[ResolvedSuite],
        sources: Sequence[suites.ParsedSuite] = (),
    ) -> Results:
        """What was recorded, with the figures of reports, compared with the reference."""
        own = [arm.key for arm in self.arms if "" in arm.owners.values()]
        sections = with_reported(self.sections(tables), registry, sources, unreported=own)
        about = provenance_of(registry, sections[0].arms, self.started)
        untimed = [
            str(errors.untimed(self.arms[number].label, times.reason))
            for number, times in self.times.items()
            if isinstance(times, Lost)
        ]
        return self._decided(
            Results(sections=sections, provenance=about, run=self.run, warnings=tuple(untimed))
        )

    def so_far(self, tables: Sequence[ResolvedSuite]) -> Results:
        """What was recorded so far, compared with the reference."""
        return self._decided(Results(sections=tuple(self.sections(tables))))

    def _decided(self, results: Results) -> Results:
        results = replace(results, margin=self.options.margin)
        reference = self.options.reference
        return results if reference is None else results.against(reference)


def check_device(device: str) -> None:
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
    sources: Sequence[suites.ParsedSuite] = (),
    unreported: Sequence[ArmKey] = (),
) -> tuple[Section, ...]:
    """The sections with the figures that reports, and the titles that suites, give for their arms.

    ``unreported`` arms have records of the caller's own, which may be called as installed ones.
    """
    arms = [arm for section in sections for arm in section.arms]
    keys = [arm.key for arm in arms]
    figures = suites.reported_for(registry, keys, sources)
    titles = suites.titles_for(registry, keys, sources)
    completed = iter(
        [
            arm
            if arm.key in unreported
            else replace(arm, reported=figures.get(n), title=arm.title or titles.get(n, ""))
            for n, arm in enumerate(arms)
        ]
    )
    return tuple(
        replace(section, arms=_told_apart([*itertools.islice(completed, len(section.arms))]))
        for section in sections
    )


def _told_apart(arms: Sequence[ArmResults]) -> tuple[ArmResults, ...]:
    """The arms, without the titles that several have: one arm of two runs, for example."""
    counts = Counter(arm.display for arm in arms)
    return tuple(replace(arm, title="") if counts[arm.display] > 1 else arm for arm in arms)


def with_records(arm: ArmResults, registry: Registry) -> ArmResults:
    """The arm with the records of its task and metrics, and its recipe, where the plugins work."""
    metrics: dict[str, Metric] = {}
    for name in measured(arm):
        with contextlib.suppress(errors.CmpnetError):
            metrics[name] = registry.metric(name)
    arm = replace(arm, metrics={**arm.metrics, **metrics})
    with contextlib.suppress(errors.CmpnetError):
        arm = replace(arm, task=registry.task(arm.key.task))
    with contextlib.suppress(errors.CmpnetError):
        arm = replace(arm, recipe=registry.architecture(arm.key.architecture).recipe)
    return arm
