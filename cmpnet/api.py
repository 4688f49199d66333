"""The verbs: ``train``, ``bench``, ``load``, ``compare`` and ``reproduce``.

The command line calls these too.
"""

from __future__ import annotations

import contextlib
import importlib
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cmpnet import errors, runner, selection, suites, tuning
from cmpnet.analysis.decide import FIRST_LOOK
from cmpnet.arms import Named, Shared, name_of, resolve, resolve_all
from cmpnet.events import Finished, Started, Trained, Waiting
from cmpnet.executing import choose
from cmpnet.jobs import Guard
from cmpnet.options import Option
from cmpnet.output.output_file import OutputFile
from cmpnet.recording import Recorder, provenance_of, with_records, with_reported
from cmpnet.registry import Registry
from cmpnet.results import Results
from cmpnet.run_options import RunOptions, default_store
from cmpnet.runtime.executors import closing
from cmpnet.sequential import UntilDecided
from cmpnet.spec import MEASURED_ON, Arm, Bounds, Metric, Suite
from cmpnet.store import FILE, open_readonly
from cmpnet.suites import ResolvedSuite
from cmpnet.syntax import sweeps_of

if TYPE_CHECKING:  # imported when something is reproduced
    from cmpnet.reproduction import Reproduction

Seed = Annotated[int, Bounds(0, 2**32)]
Repeats = Annotated[int, Bounds(1, 100_000)]
Workers = Annotated[int | None, Bounds(1, 1024)]
MaxRepeats = Annotated[int, Bounds(FIRST_LOOK, 100_000)]
_STORED_FIELDS = ("store", "fresh", "note", "tags", "command", "plugins", "disabled", "on_event")
_TRAIN_FIELDS = (*_STORED_FIELDS, "loss", "metric")
_REPRODUCE_FIELDS = (*_STORED_FIELDS, "workers", "executor")


def train(arm: Named, *, seed: int = 0, save: str | Path | None = None, **options: Any) -> Results:
    """Train one arm once, in this process.

    It is the same repeat that :func:`bench` trains for this seed, and it is kept in the same
    store. A repeat that the store has is not trained again, unless its weights are to be saved.

    Args:
        arm: a name as it is typed (``"ws-aux:aux-scheduled[alpha=0.25]"``, ``"mine.py:MyNet"``) or
            an :class:`~cmpnet.Architecture`.
        seed: seed of data, weights and sample order, from 0 to 2**32.
        save: a file for the weights and their settings (safetensors).
        options: the fields ``store``, ``fresh``, ``loss``, ``metric``, ``note``, ``tags``,
            ``plugins``, ``disabled`` and ``on_event`` of :class:`RunOptions`, and options of the
            arm (``alpha=0.5``).

    Returns:
        Results with one arm and one repeat, which may have diverged or failed.

    Raises:
        CmpnetError: a name, an option or a value is wrong, or the store cannot be written.

    >>> results = train("baseline", epochs=1, pairs=20, store=getfixture("tmp_path"))
    >>> [repeat.status for repeat in results.arms[0].repeats.values()]
    ['ok']
    """
    from cmpnet.checkpoint import to_bytes

    if save == "-":
        raise errors.save_to_stdout()
    if "executor" in options:
        raise errors.trains_here(str(options["executor"]))
    fresh = {"fresh": True} if save else {}  # the store keeps no weights
    settings, given = RunOptions.split({**options, **fresh}, _TRAIN_FIELDS)
    seed = _checked("seed", seed, Seed)
    registry = Registry(settings.disabled, settings.plugins)
    shared = Shared(given, settings.loss, settings.metric)
    resolved = resolve(arm, registry, shared)
    shared.refuse_unused([resolved.label])
    recorder = Recorder([resolved], settings, [seed])
    weights = None if save is None else OutputFile(str(save), "checkpoint")
    with recorder.running() as run:
        groups = run.groups(workers=1)
        while groups:
            for job in run.jobs(groups):
                settings.on_event(Started(job.number, job.seeds))
                guard = Guard(job)
                for event in guard.train():
                    if not isinstance(event, Trained):
                        settings.on_event(event)
                        continue
                    trained = guard.checked(event)
                    recorder.record(run.finish(job, trained))
                    if weights and trained.learner and trained.results[0].status == "ok":
                        content = to_bytes(trained.learner.weights()[0], resolved.key, seed)
                        weights.write(content)
            recorder.record(run.reused())
            if groups := run.taken_by_others():
                settings.on_event(Waiting(1))
                time.sleep(runner.POLL)
        run.end()
    epochs = resolved.config.epochs
    title = f"{resolved.label}, seed {seed}, {epochs} epoch{'s' * (epochs > 1)}"
    return recorder.results(registry, [ResolvedSuite(title=title, arms=(resolved,))])


def bench(
    arms: Named | Sequence[Named] | None = None,
    *,
    suite: str | Path | Suite | None = None,
    repeats: int = 10,
    seed: int | None = None,
    **options: Any,
) -> Results:
    """Train each arm several times on all cores, and compare them.

    Repeat r has the seed ``seed + r``, and from it alone its data, its weights and the order of
    its samples. The same seed gives every arm the same data. Finished repeats are kept in the
    store; the same call resumes what was interrupted.

    A bench until decided (``until_decided=True``) trains each arm until all of its comparisons
    and claims are decided. It looks after 5, 7, 10, 13, ... repeats, and may be stopped and resumed
    at any time without more false alarms.

    A sweep is for choosing a value, so unless ``seed`` or the option ``on`` is given, it leaves the
    seeds and the samples of reports alone: it begins at seed 100, and measures errors on validation
    samples where the task has some (:mod:`cmpnet.tuning`).

    Args:
        arms: one or more names as they are typed, or :class:`~cmpnet.Architecture` records; by
            default the suite's.
        suite: name or file of a suite, or a :class:`~cmpnet.Suite`; by default ``table3`` if no
            arms are given.
        repeats: trainings of each arm.
        seed: seed of the first repeat; by default 0, or 100 with a sweep.
        options: fields of :class:`RunOptions` (``workers=2``, ``reference="ws"``), and options of
            the arms (``epochs=5``); every arm that has an option gets it. With ``time=True``, the
            arms are timed afterwards; only such times decide what is faster.

    Returns:
        Results with a section per suite.

    Raises:
        CmpnetError: a name, an option or a value is wrong, or the store cannot be written.

    >>> store = getfixture("tmp_path")
    >>> results = bench(["baseline", "ws"], repeats=2, epochs=1, pairs=20, store=store)
    >>> [arm.label for arm in results.arms], results.summary()["ws"].n
    (['baseline', 'ws'], 2)
    """
    settings, given = RunOptions.split(options)
    sweeps = sweeps_of(settings.sweep, given)
    first = _checked("seed", tuning.first_seed(sweeps) if seed is None else seed, Seed)
    count = _checked("repeats", repeats, Repeats)
    workers = _checked("workers", settings.workers, Workers)
    most = _checked("max_repeats", settings.max_repeats, MaxRepeats)
    if isinstance(arms, Named):
        arms = [arms]
    if arms is not None and not isinstance(arms, Iterable):
        raise errors.bad_arm(repr(arms))
    arms = None if arms is None else list(arms)
    if arms is not None and not arms:
        raise errors.bad_value("arms is an empty list; it must contain at least one arm")
    if suite is not None and arms is not None:
        named = suite.name if isinstance(suite, Suite) else str(suite)
        raise errors.suite_and_arms(named, map(name_of, arms))
    registry = Registry(settings.disabled, settings.plugins)
    # First of all: its workers import torch while this process does.
    choice = choose(registry, settings.executor, given)
    executor, given = choice.make(workers), dict(choice.rest)
    preset = tuning.preset(given, sweeps)
    loss, metric = settings.loss, settings.metric
    every = {**preset, **given}
    shared = Shared(every, loss, metric, sweeps, set(preset), elsewhere=choice.names)
    sources: list[suites.ParsedSuite] = []
    left_out: list[str] = []
    if arms is None:
        chosen = "table3" if suite is None else suite
        chosen = chosen if isinstance(chosen, Suite) else str(chosen)
        sources, left_out = suites.members(registry, chosen), suites.left_out(registry, chosen)
        tables = suites.resolve(registry, sources, shared)
    else:
        resolved = tuple(resolve_all(arms, registry, shared))
        tables = [ResolvedSuite(arms=resolved, swept=len(resolved) > len(arms))]
        shared.refuse_unused([arm.label for arm in resolved])
    choice.refuse_ambiguous(shared.names)
    seeds = range(first, first + (most if settings.until_decided else count))
    recorder = Recorder(_distinct(tables), settings, seeds)
    _check_margin(settings.margin, [arm.metrics[arm.key.metric] for arm in recorder.arms])
    if settings.reference is not None:  # refused before anything is trained
        Results(sections=tuple(recorder.sections(tables))).against(settings.reference)
    runner.admit(executor, recorder.plans)
    with closing(executor), recorder.running(tables) as run:
        # The statistics need scipy, whose import takes 1.1 s; the workers train meanwhile.
        statistics = threading.Thread(target=importlib.import_module, args=("scipy.special",))
        statistics.start()
        if settings.until_decided:
            until = UntilDecided(recorder, tables, run, executor.workers)
            events = runner.run(run, executor, until.first(), until.more)
        else:
            events = runner.run(run, executor)
        for event in events:
            if isinstance(event, Finished):
                recorder.record([event])
            else:
                settings.on_event(event)
        if settings.time and not run.over:
            statistics.join()  # nothing else runs beside what is timed
            recorder.time(choose(registry, "local", {}).make(1))
    options = {**given, **{name: ",".join(values) for name, values in sweeps.items()}}
    trained, titled = seeds[: max(recorder.wanted)], []
    for one in tables:
        lines = [one.title, _description(trained, one.arms, options)]
        if settings.until_decided:
            lines.append(_saved(sum(recorder.wanted), len(recorder.arms), count))
        titled.append(replace(one, title="\n".join(filter(None, lines))))
    results = recorder.results(registry, titled, sources)
    return replace(results, warnings=(*left_out, *results.warnings))


def load(
    *names: str | Path,
    store: str | Path | None = None,
    where: Mapping[str, object] | None = None,
    all_runs: bool = False,
    option: str | None = None,
    on: str | None = None,
    metric: str | None = None,
    versions: bool = False,
    plugins: Sequence[str | Path] = (),
    disabled: Sequence[str] = (),
) -> Results:
    """Results that were kept: of a store, a run in it, arms in it, or an exported file.

    Results of different protocols (task, data, its options, epochs) are mixed only where the call
    says so, by naming runs, files or option values; then their labels tell them apart. Otherwise
    the arms have the protocol of the newest complete bench that has them, and a warning says what
    was left out.

    Args:
        names: files that ``save`` or ``--export-json`` wrote, (starts of) run ids, or arms by
            name (``"ws[epochs=25]"``); by default the last bench of the store. A folder means the
            store in it.
        store: folder of the store; by default :func:`default_store`.
        where: option values that the arms must have: ``{"pairs": 1000}``.
        all_runs: merge the arms of all runs of the store, each with its newest repeats.
        option: with ``all_runs``, only the arms whose loss has this option, if any has.
        on: with ``all_runs``, the samples ("test", "validation") by whose arms the protocol is
            chosen.
        metric: the metric that decides, which the repeats must have been measured with; by default
            the one that decided then.
        versions: with ``all_runs``, each arm once for each version of the code that trained it, the
            oldest first: what the picture "history" shows.
        plugins: Python files whose records the arms name; pictures of samples need their tasks.
        disabled: plugin distributions that are not used.

    Returns:
        Results with one section. Arms of later names are compared with their namesakes in the
        first, or with its first arm.

    Raises:
        CmpnetError: a name means nothing or several things, no arm has a value of ``where``, or a
            file or the store is damaged.

    >>> store = getfixture("tmp_path")
    >>> _ = bench(["baseline", "ws"], repeats=1, epochs=1, pairs=20, store=store)
    >>> [arm.label for arm in load(store).arms], [arm.label for arm in load("ws", store=store).arms]
    (['baseline', 'ws'], ['ws'])
    """
    wanted, registry = [str(name) for name in names], Registry(disabled, plugins)
    if not all(name.strip() for name in wanted):
        raise errors.empty_name("a name", "that of an arm, a run or a file")
    chosen = _option_values(where)
    if len(wanted) == 1 and store is None and (Path(wanted[0]) / FILE).is_file():
        store = wanted.pop()
    with contextlib.ExitStack() as stack:
        opened = None
        if not wanted or not all(map(selection.is_file, wanted)):
            opened = stack.enter_context(open_readonly(Path(store or default_store())))
        if all_runs and opened is not None:
            selected = selection.select_from_all_runs(
                opened, wanted, chosen, option, on, versions=versions
            )
        else:
            selected = selection.select(opened, wanted, chosen)
    if metric is not None:
        registry.open_file_of(metric)
        metric = registry.metric(metric).name if registry.has("metric", metric) else metric
    arms = tuple(with_records(arm, registry) for arm in selected.arms)
    results = replace(selected, arms=arms).results()
    results = results if metric is None else results.by(metric)
    return replace(
        results,
        sections=with_reported(results.sections, registry),
        provenance={**provenance_of(registry, results.arms), "source": selected.source},
        warnings=tuple(str(errors.adds_nothing(name)) for name in selected.redundant),
        left_out=selected.left_out,
    )


def compare(*names: str | Path, margin: float | None = None, **options: Any) -> Results:
    """Compare finished results, paired by seed; nothing is trained.

    The rule is that of a bench, applied to the differences of this comparison alone.

    Args:
        names: as for :func:`load`; at least one run or file, or two arms. The first is the
            reference.
        margin: a difference of errors within it counts as none, as in :class:`RunOptions`.
        options: ``store``, ``where``, ``metric``, ``disabled`` and ``plugins`` as for :func:`load`.

    Returns:
        Results whose :meth:`~cmpnet.Results.compare` has at least one row.

    Raises:
        CmpnetError: as :func:`load`, or there is nothing that can be compared.

    >>> store = getfixture("tmp_path")
    >>> _ = bench(["baseline", "ws"], repeats=1, epochs=1, pairs=20, store=store)
    >>> [(row.arm, row.reference) for row in compare("ws", "baseline", store=store).compare()]
    [('baseline', 'ws')]
    """
    from cmpnet.analysis.comparisons import obstacle

    results = replace(load(*names, **options), margin=margin)
    _check_margin(margin, [arm.metric for arm in results.arms])
    (section,) = results.sections
    if not section.pairs:
        raise errors.nothing_to_compare(map(str, names), results.left_out)
    pairs = [(section.arms[arm], section.arms[other]) for arm, other in section.pairs]
    reasons = [obstacle(*pair) for pair in pairs]
    if all(reasons):  # if only some have one, the results' advice says so
        arm, reference = pairs[0]
        raise errors.not_comparable(arm.label, reference.label, str(reasons[0]))
    return results


def reproduce(path: str | Path, **options: Any) -> Reproduction:
    """Train every repeat of an exported file again, and compare bit by bit.

    Args:
        path: a file that ``save`` or ``--export-json`` wrote.
        options: the fields ``store``, ``workers``, ``executor``, ``note``, ``tags``, ``plugins``,
            ``disabled`` and ``on_event`` of :class:`RunOptions`; by default the trained repeats
            are not kept. And the options that are paths on this machine (``data_dir="digits"``),
            which a file does not hold.

    Returns:
        For each repeat whether it is bit-identical; and what may explain that others are not. An
        arm that cannot be trained here is reported, and the others are trained.

    Raises:
        CmpnetError: the file cannot be read, a value is wrong, or the store cannot be written.

    >>> folder = getfixture("tmp_path")
    >>> first = bench("baseline", repeats=1, epochs=1, pairs=20, store=folder)
    >>> first.save(folder / "first.json")
    >>> reproduce(folder / "first.json").complete
    True
    """
    from cmpnet.reproduction import reproduce

    given = {name: value for name, value in options.items() if (name, value) != ("store", None)}
    settings, paths = RunOptions.split({**given, "fresh": True}, _REPRODUCE_FIELDS)
    workers = _checked("workers", settings.workers, Workers)
    registry = Registry(settings.disabled, settings.plugins)
    choice = choose(registry, settings.executor, paths)
    with contextlib.ExitStack() as stack:
        if "store" not in given:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cmpnet-"))
            settings = replace(settings, store=folder)
        executor = stack.enter_context(closing(choice.make(workers)))
        return reproduce(str(path), choice.rest, registry, executor, settings)


# -- what the verbs share -------------------------------------------------------------------------


def _distinct(tables: Sequence[ResolvedSuite]) -> list[Arm]:
    """Every arm once, under its first label."""
    arms: list[Arm] = []
    for arm in (arm for table in tables for arm in table.arms):
        if arm not in arms:
            arms.append(arm)
    return arms


def _option_values(where: object) -> Mapping[str, object]:
    """What a caller gave as ``where``."""
    if not isinstance(where, Mapping | None):
        raise errors.bad_value(f"where is {where!r}; it must be a mapping from options to values")
    return where or {}


def _check_margin(margin: float | None, metrics: Iterable[Metric]) -> None:
    """Refuse a margin that no difference of these metrics can be larger than."""
    if margin is not None:
        widest = max(metric.limits[1] - metric.limits[0] for metric in metrics)
        _checked("margin", margin, Annotated[float, Bounds(0, widest)])


def _checked(name: str, value: object, hint: Any) -> Any:
    """A number from the caller, refused in the same words as an option."""
    return Option(name, hint, None).parse(value)


def _saved(trained: int, arms: int, repeats: int) -> str:
    """What a bench until decided took, beside a fixed number of repeats.

    >>> _saved(15, 3, 10)
    'until decided: 15 trainings, 15 fewer than 10 repeats of each arm'
    """
    fewer = arms * repeats - trained
    compared = (
        "as many as" if not fewer else f"{abs(fewer)} {'fewer' if fewer > 0 else 'more'} than"
    )
    return f"until decided: {trained} trainings, {compared} {repeats} repeats of each arm"


def _description(seeds: Sequence[int], arms: Sequence[Arm], given: Mapping[str, object]) -> str:
    """What was run: "10 repeats, validation pairs, seeds 100-109, alpha 0,1"."""
    first, last = seeds[0], seeds[-1]
    samples = tuning.samples_name([(arm.key, arm.task.unit) for arm in arms])
    pieces = [
        f"{len(seeds)} repeat{'s' * (len(seeds) > 1)}",
        samples,
        f"seed {first}" if first == last else f"seeds {first}-{last}",
    ]
    rest = {n: value for n, value in given.items() if not (samples and n == MEASURED_ON)}
    pieces += [f"{name.replace('_', '-')} {value}" for name, value in rest.items()]
    return ", ".join(filter(None, pieces))
