"""Results as a value: arms x repeats with their provenance, which everything else renders.

    results = cmpnet.bench(["baseline", "ws-aux"], repeats=3, epochs=5)
    print(results)                     # the tables
    results.compare("ws-aux")          # each arm against another reference
    results.plot("errors")             # a picture
    results.save("results.json")       # or .csv, .md, .tex

Nothing here trains, and nothing that renders computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmpnet import errors
from cmpnet.protocol import Protocol, protocol_of
from cmpnet.spec import ERROR, ArmKey, Metric, Part, RepeatResult, Task, TrainConfig
from cmpnet.syntax import label_matches, parse_label

if TYPE_CHECKING:  # rendered and analysed by modules above this one
    import pandas

    from cmpnet.analysis.claims import Claim, JointClaim, JointVerdict, Verdict
    from cmpnet.analysis.comparisons import ArmComparison
    from cmpnet.analysis.screen import Decisions
    from cmpnet.analysis.stats import Summary
    from cmpnet.plots import Plot
    from cmpnet.plots.data.marks import Cost

Figures = Mapping[str, Any]
ERROR_METRIC = Metric(name=ERROR, summary="", fn=float, unit="%", limits=(0.0, 1.0))
_OTHER = Metric(name="", summary="", fn=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResults:
    """One arm's repeats, all trained by the same code on the same data.

    Attributes:
        key: names and option values of the arm.
        repeats: results by seed.
        wanted: number of repeats that were asked for.
        stored: how many of them were in the store before.
        data: fingerprint of the data.
        code: version of the code that trained it, by distribution.
        since: when the first of its runs began, ISO 8601 in UTC, where :func:`cmpnet.load` tells
            the versions of the code apart; else "".
        times: CPU seconds of one repeat trained alone, one per round of ``bench --time``; empty
            without it. Arms of one bench are paired by round.
        reported: figures that a report gives for this arm, or None.
        title: what a suite calls the arm, or "".
        run: id of the newest run that it was read from, or "".
        task: the task's record, where its plugin is at hand; plots of samples need it.
        metrics: the records of its metrics by name, where their plugins are at hand.
        recipe: the default training of the architecture, where its plugin is at hand.
    """

    key: ArmKey
    repeats: Mapping[int, RepeatResult] = field(default_factory=dict)
    wanted: int = 0
    stored: int = 0
    data: str = ""
    code: Mapping[str, str] = field(default_factory=dict)
    times: tuple[float, ...] = ()
    until_decided: bool = False
    since: str = ""
    reported: Figures | None = None
    title: str = ""
    run: str = field(default="", compare=False)
    task: Task | None = field(default=None, compare=False, repr=False)
    metrics: Mapping[str, Metric] = field(default_factory=dict, compare=False, repr=False)
    recipe: TrainConfig | None = field(default=None, compare=False, repr=False)

    @property
    def metric(self) -> Metric:
        """The metric that decides. Without its plugin, its unit and its better side are unknown."""
        name = self.key.metric
        unknown = ERROR_METRIC if name == ERROR else replace(_OTHER, name=name)
        return self.metrics.get(name, unknown)

    @property
    def protocol(self) -> Protocol:
        """What must be the same for another result to be comparable."""
        return protocol_of(self.key, self.data, self.recipe)

    @property
    def label(self) -> str:
        """What a user types for the arm, and exports call it."""
        return self.key.label

    @property
    def display(self) -> str:
        """What tables and pictures call the arm: the title of its suite, or its label."""
        return self.title or self.label

    def labelled(self, label: str) -> ArmResults:
        """The same results under another label."""
        return replace(self, key=replace(self.key, label=label))

    def judged_by(self, metric: str) -> ArmResults:
        """The same results, decided by another metric."""
        return replace(self, key=replace(self.key, metric=metric))

    def ok(self) -> list[RepeatResult]:
        """The repeats that neither failed nor diverged, in the order of their seeds."""
        return [r for _, r in sorted(self.repeats.items()) if r.status == "ok"]

    def values(self, part: Part = "test", metric: str | None = None) -> list[float]:
        """Values of a metric, by default the one that decides, of the repeats that have one."""
        name = metric or self.key.metric
        return [v for r in self.ok() if (v := value_of(r, name, part)) is not None]

    def train_errors(self) -> list[float]:
        """Training errors of the repeats that :meth:`ok` returns, fractions."""
        return [r.train_error for r in self.ok() if r.train_error is not None]

    def test_errors(self) -> list[float]:
        """Test errors of the repeats that :meth:`ok` returns, fractions."""
        return [r.test_error for r in self.ok() if r.test_error is not None]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One table of results: arms, what each is compared with, and claims about them.

    Attributes:
        arms: results of each arm, under the labels of this section.
        pairs: indices of an arm and of the arm it is compared with.
        title: the table's title.
        suite: name of the suite it belongs to, or "".
        claims: what the suite claims of its arms, which it calls by their labels.
        deviation: how the arms differ from those of the suite's file ("3 of 25 epochs"), or "".
        swept: whether arms stand for values of an option, to choose one of them.
        extended_from: number of repeats with which the same arms were compared before; 0 if they
            were not, or if the bench is until decided.
    """

    arms: tuple[ArmResults, ...]
    pairs: tuple[tuple[int, int], ...]
    title: str = ""
    suite: str = ""
    claims: tuple[Claim | JointClaim, ...] = ()
    deviation: str = ""
    swept: bool = False
    extended_from: int = 0


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that a bench, a training, a store or an exported file holds.

    Attributes:
        sections: the tables, each with its arms.
        provenance: versions, machine and time, as the JSON export has them.
        source: where the results come from: "run 3f1a..., 2026-11-24", a file, or "".
        run: the run of the store that the call made, or "".
        warnings: what the call that made them should be warned of.
        margin: a difference of errors within it counts as none; None for one point, or a tenth of
            the reference's error where that is smaller.
        left_out: a sentence about results of other protocols that are not here, or "".
    """

    sections: tuple[Section, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    run: str = ""
    warnings: tuple[str, ...] = ()
    margin: float | None = None
    left_out: str = ""

    @cached_property
    def arms(self) -> list[ArmResults]:
        """Every arm once, under its first label."""
        distinct: list[ArmResults] = []
        for arm in (arm for section in self.sections for arm in section.arms):
            if not any(same_repeats(arm, other) for other in distinct):
                distinct.append(arm)
        return distinct

    @cached_property
    def decisions(self) -> list[Decisions]:
        """What differs and which claims hold, one entry per section.

        One rule decides all of it, and one error probability of 5 % covers all of it.
        """
        from cmpnet.analysis.screen import decide_all

        return decide_all(self.sections, margin=self.margin, until_decided=self.until_decided)

    @property
    def until_decided(self) -> bool:
        """Whether the number of an arm's repeats depended on the results."""
        return any(arm.until_decided for arm in self.arms)

    @property
    def failed(self) -> bool:
        """Whether a repeat failed or diverged."""
        return any(r.status != "ok" for arm in self.arms for r in arm.repeats.values())

    def summary(self) -> dict[str, Summary]:
        """The metric that decides, of each arm by label: n, mean, SD, median, range, 95 % interval.

        By default it is the test error.

        Returns:
            Fractions, not percentages.
        """
        from cmpnet.analysis.rates import summarise_part

        return {arm.label: summarise_part(arm) for arm in self.arms}

    def by(self, metric: str) -> Results:
        """The same results, decided by another metric that the repeats were measured with.

        Raises:
            CmpnetError: an arm was not measured with it.
        """
        for arm in self.arms:
            if arm.ok() and not arm.values("test", metric):
                raise errors.not_measured(arm.label, metric, measured(arm))
        return replace(
            self,
            sections=tuple(
                replace(one, arms=tuple(arm.judged_by(metric) for arm in one.arms))
                for one in self.sections
            ),
        )

    def compare(self, reference: str | None = None) -> list[ArmComparison]:
        """The test error of each arm against a reference arm, paired by seed.

        Args:
            reference: label of an arm, or its architecture if that is unique. By default each
                section's own reference, which is its first arm unless the bench named another.

        Raises:
            CmpnetError: no arm, or more than one, is called so.
        """
        results = self if reference is None else self.against(reference)
        return [row for table in results.decisions for row in table.comparisons]

    def against(self, reference: str) -> Results:
        """The same results with another reference arm in every section that has it.

        Raises:
            CmpnetError: no section has the arm, or one has several that the name could mean.
        """
        sections = []
        for section in self.sections:
            labels = [arm.label for arm in section.arms]
            if any(label_matches(label, reference) for label in labels):
                place = reference_index(labels, reference)
                section = replace(section, pairs=pairs_with(len(labels), place))
            sections.append(section)
        if all(new is old for new, old in zip(sections, self.sections, strict=True)):
            reference_index([arm.label for section in sections for arm in section.arms], reference)
        return replace(self, sections=tuple(sections))

    @property
    def claims(self) -> list[Verdict | JointVerdict]:
        """Every claim of the suites, with whether it holds here."""
        return [verdict for table in self.decisions for verdict in table.verdicts]

    def advice(self, *, undecided: bool = True) -> list[str]:
        """What to be careful with, and what to do about it, one sentence each.

        Args:
            undecided: say how many repeats would decide each undecided comparison.
        """
        from cmpnet.analysis.advice import advise

        sentences = advise(self, undecided=undecided)
        return [*dict.fromkeys([*filter(None, [self.left_out]), *self.warnings, *sentences])]

    def plot(
        self,
        kind: str = "compare",
        *,
        train: bool = False,
        on: str | None = None,
        against: Cost = "parameters",
    ) -> Plot:
        """A picture of the results.

        Args:
            kind: "difference", "errors", "compare", "box", "pareto", "map", "confusion", "alpha",
                "history" or "pairs".
            train: show the training error too ("errors") or instead ("compare", "box").
            on: show only arms whose error is measured on these samples, "test" or "validation"; by
                default "validation" for "alpha", all arms for the others.
            against: what "pareto" draws the error against, "parameters" or "seconds".

        Returns:
            Text in a terminal, an SVG in a notebook; ``save(path)`` writes .svg, .png or .pdf, or
            the numbers as .csv.

        Raises:
            CmpnetError: the kind is unknown, or no arm has such a picture.
        """
        from cmpnet.plots import Plot

        comparisons = self.compare() if kind == "difference" else []
        margins = self.margin is not None
        return Plot.of(
            self.arms,
            kind,
            train=train,
            on=on,
            against=against,
            comparisons=comparisons,
            margins=margins,
        )

    def titled(self, titles: Mapping[str, str]) -> Results:
        """The same results with names of your own in tables and pictures.

        Args:
            titles: name of each arm, by its label, or by its architecture if that is unique.

        Raises:
            CmpnetError: a key means no arm or several, or a name is empty, has control characters
                or is that of another arm.
        """
        labels = [arm.label for arm in self.arms]
        own = {labels[reference_index(labels, name)]: title for name, title in titles.items()}
        for label, title in own.items():
            if not title.strip() or not title.isprintable():
                raise errors.bad_title(label, title)
        shown = [own.get(arm.label, arm.display) for arm in self.arms]
        for label, title in own.items():
            if shown.count(title) > 1:
                raise errors.same_title(label, title)
        sections = tuple(
            replace(
                one,
                arms=tuple(replace(a, title=own.get(a.label, a.title)) for a in one.arms),
            )
            for one in self.sections
        )
        return replace(self, sections=sections)

    def save(self, path: str | Path) -> None:
        """Write the results as .json (every raw number), .csv (one row per repeat), .md or .tex.

        :func:`cmpnet.load` reads the arms of a .json file back. It compares them with the first
        arm; another reference and the claims of a suite are in the file, but not read.

        Raises:
            CmpnetError: the ending is unknown, or the file cannot be written.
        """
        from cmpnet.output.formats import render
        from cmpnet.output.output_file import OutputFile

        suffix = Path(path).suffix.lower().removeprefix(".")
        content = render(self, suffix, path)
        OutputFile(str(path), "results").write(content)

    def to_records(self) -> list[dict[str, Any]]:
        """One flat dictionary per repeat: the arm, its options and the raw numbers."""
        from cmpnet.output.csv_export import records

        return records(self.arms)

    def to_pandas(self) -> pandas.DataFrame:
        """The records as a data frame.

        Raises:
            CmpnetError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise errors.missing_package("A data frame", "pandas", "to_records()") from None
        return pandas.DataFrame(self.to_records())

    def __str__(self) -> str:
        from cmpnet.output.terminal import results_text

        return results_text(self)

    __repr__ = __str__  # at a prompt the tables, not 40,000 characters of numbers

    def _repr_html_(self) -> str:
        from cmpnet.output.html import results_html

        return results_html(self)


def value_of(repeat: RepeatResult, metric: str, part: Part) -> float | None:
    """A metric of a repeat on a part; None if it was not measured, or has no meaning."""
    if metric == ERROR:
        return repeat.test_error if part == "test" else repeat.train_error
    return repeat.metrics.get(metric, {}).get(part)


def measured(arm: ArmResults) -> list[str]:
    """The metrics that an arm's repeats were measured with."""
    ok = arm.ok()
    own = [ERROR] if any(repeat.test_error is not None for repeat in ok) else []
    return [*own, *dict.fromkeys(name for repeat in ok for name in repeat.metrics)]


def same_repeats(one: ArmResults, other: ArmResults) -> bool:
    """Whether two are the same arm with the same repeats; labels and paths do not matter."""
    return one.key.portable() == other.key.portable() and one.repeats == other.repeats


def pairs_with(arms: int, reference: int = 0) -> tuple[tuple[int, int], ...]:
    """Each of so many arms, except the reference, with the reference.

    >>> pairs_with(3, 1)
    ((0, 1), (2, 1))
    """
    return tuple((arm, reference) for arm in range(arms) if arm != reference)


def pairs_by_name(groups: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    """Arms of several runs, named by their labels: each with its namesake in the first run.

    An arm without a namesake is compared with the first arm of all, and so are the arms of a
    single run.

    >>> pairs_by_name([["a", "b"], ["b", "c"]])
    ((2, 1), (3, 0))
    """
    first, later = groups[0], [name for group in groups[1:] for name in group]
    if not later:
        return pairs_with(len(first))
    return tuple(
        (place, first.index(name) if name in first else 0)
        for place, name in enumerate(later, len(first))
    )


def reference_index(labels: Sequence[str], name: str) -> int:
    """The index of the one arm that a name means.

    Raises:
        CmpnetError: the name means no arm, or several.
    """
    wanted = parse_label(name)
    exact = [place for place, label in enumerate(labels) if parse_label(label) == wanted]
    matching = exact or [place for place, label in enumerate(labels) if label_matches(label, name)]
    if len(matching) != 1:
        raise errors.no_reference(name, [labels[place] for place in matching], labels)
    return matching[0]
