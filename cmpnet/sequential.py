"""A bench until decided: which arms are trained on after each look at the results."""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.analysis.claims import Verdict
from cmpnet.analysis.decide import looks
from cmpnet.events import Look
from cmpnet.output.decision_data import undecided_lines
from cmpnet.recording import Recorder
from cmpnet.results import Results
from cmpnet.runner import Bench, Group
from cmpnet.suites import ResolvedSuite


class UntilDecided:
    """Trains all arms up to the first look, then those of undecided differences up to the next.

    Attributes:
        repeats: number of repeats after which it looks next.
    """

    def __init__(
        self, recorder: Recorder, tables: Sequence[ResolvedSuite], bench: Bench, workers: int
    ) -> None:
        self._recorder, self._tables, self._bench = recorder, tables, bench
        self._workers = workers
        self._looks = [repeats for repeats, _ in looks(len(recorder.seeds))]
        self.repeats = self._looks.pop(0)
        self._active = [*range(len(recorder.arms))]
        for number in self._active:
            recorder.wanted[number] = self.repeats

    def first(self) -> list[Group]:
        """The jobs of all arms up to the first look."""
        return self._groups(0)

    def more(self) -> list[Group]:
        """The jobs up to the next look; none if all is decided, or no look is left."""
        results = self._recorder.so_far(self._tables)
        done, self._active = self.repeats, self._undecided(results)
        jobs: list[Group] = []
        if self._active and self._looks:
            self.repeats = self._looks.pop(0)
            for number in self._active:
                self._recorder.wanted[number] = self.repeats
            jobs = self._groups(done)
        self._recorder.options.on_event(
            Look(
                done,
                tuple(undecided_lines(results.decisions)),
                sum(len(seeds) for _, seeds in jobs),
                tuple(self._active) if jobs else (),
            )
        )
        return jobs

    def _groups(self, done: int) -> list[Group]:
        seeds = self._recorder.seeds[done : self.repeats]
        return self._bench.groups(self._workers, seeds, self._active)

    def _undecided(self, results: Results) -> list[int]:
        """The arms that an undecided difference is about, by their number in the bench.

        An arm most of whose repeats fail or diverge is given up, with its differences.
        """
        wanted = set()
        lost = {
            arm.label
            for section in results.sections
            for arm in section.arms
            if 2 * len(arm.ok()) < len(arm.repeats)
        }
        for table, decisions in zip(self._tables, results.decisions, strict=True):
            numbers = {arm.label: self._recorder.arms.index(arm) for arm in table.arms}
            for row in decisions.undecided:
                labels = row.claim.arms if isinstance(row, Verdict) else (row.arm, row.reference)
                if lost.isdisjoint(labels):
                    wanted |= {numbers[label] for label in labels}
        return sorted(wanted)
