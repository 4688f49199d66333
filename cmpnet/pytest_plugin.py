"""The contract of plugins as tests: one test per promise of each name.

    @pytest.mark.cmpnet("my-plugin")  # distributions, names or files
    def test_the_contract(cmpnet_check):
        cmpnet_check()

Names are checked as ``cmpnet check`` does, in processes of their own. Files are relative to
pytest's root folder. Every pytest of an environment loads this module, so it imports cmpnet's other
modules only for tests that use it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from cmpnet.checking.subjects import Check, Subject
    from cmpnet.registry import Registry

FIXTURE = "cmpnet_check"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", f"cmpnet(*names): distributions, names or files that {FIXTURE} checks"
    )


@dataclass(frozen=True)
class _Case:
    """One test: a promise of a name that the words of a marker mean."""

    words: tuple[str, ...]
    subject: Subject
    promise: str


class _Run:
    """The checks of all cases with the same words, made as the tests ask for them."""

    def __init__(self, checks: Iterator[Check]) -> None:
        self._groups = itertools.groupby(checks, key=lambda one: one.subject)
        self._done: dict[Subject, list[Check]] = {}

    def of(self, subject: Subject) -> list[Check]:
        """The checks of a subject."""
        while subject not in self._done and (group := next(self._groups, None)) is not None:
            self._done[group[0]] = [*group[1]]
        return self._done.get(subject, [])


_RUNS = pytest.StashKey[dict[tuple[str, ...], _Run]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case per promise of each name that the marker means."""
    if FIXTURE not in metafunc.fixturenames:
        return
    from cmpnet.checking import names_in, select
    from cmpnet.checking.subjects import PROMISES, Subject, subject_of
    from cmpnet.errors import CmpnetError
    from cmpnet.registry import Registry

    words = _words(metafunc.definition)
    if not words:
        raise pytest.Collector.CollectError(
            f'{FIXTURE} needs a marker, such as @pytest.mark.cmpnet("my-plugin")'
        )
    registry = Registry()
    try:
        selection = select(registry, words)
    except CmpnetError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    subjects = [*map(subject_of, selection.entries)]
    for name in selection.files:
        subjects += names_in(registry, name)
    cases = [
        _Case(words, subject, promise) for subject in subjects for promise in PROMISES[subject.noun]
    ]
    cases += [_Case(words, Subject("metadata", "", "", ""), fault) for fault in selection.faults]
    metafunc.parametrize(FIXTURE, cases, ids=_ids(cases), indirect=True)


@pytest.fixture
def cmpnet_check(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Checks one promise of one name, and fails the test with the reason if it is broken."""
    case: _Case = request.param

    def check() -> None:
        __tracebackhide__ = True
        _judge(case, _run(request.session, case.words).of(case.subject))

    return check


@pytest.fixture
def cmpnet_registry(request: pytest.FixtureRequest) -> Registry:
    """The installed names, and the records of the Python files that the marker names."""
    from cmpnet.own_files import is_in_file
    from cmpnet.registry import Registry

    return Registry(plugins=[word for word in _words(request.node) if is_in_file(word)])


def _words(node: pytest.Item | Any) -> tuple[str, ...]:
    """What the markers of a test name; files with their folder."""
    from cmpnet.checking.subjects import is_file

    words = [word for mark in node.iter_markers("cmpnet") for word in mark.args]
    root = node.config.rootpath
    return tuple(str(root / word) if is_file(word) else word for word in words)


def _ids(cases: Sequence[_Case]) -> list[str]:
    """``my-net: trains``; with its kind where a network and a loss have the same name."""
    nouns = {(case.subject.name, case.subject.noun) for case in cases}
    counts = Counter(name for name, _ in nouns)
    return [
        f"{case.subject.name}{f' ({case.subject.noun})' * (counts[case.subject.name] > 1)}: "
        f"{case.promise}"
        for case in cases
    ]


def _run(session: pytest.Session, words: tuple[str, ...]) -> _Run:
    """The checks of the selected tests with these words; their names share a process."""
    from cmpnet.checking import check_all, select
    from cmpnet.checking.subjects import subject_of
    from cmpnet.registry import Registry

    runs = session.config.stash.setdefault(_RUNS, {})
    if words not in runs:
        cases = [
            cast(_Case, item.callspec.params[FIXTURE])
            for item in session.items
            if isinstance(item, pytest.Function) and FIXTURE in item.fixturenames
        ]
        wanted = {case.subject for case in cases if case.words == words}
        registry = Registry()
        selection = select(registry, words)
        entries = [entry for entry in selection.entries if subject_of(entry) in wanted]
        runs[words] = _Run(check_all(registry, replace(selection, entries=entries)))
    return runs[words]


def _judge(case: _Case, checks: Sequence[Check]) -> None:
    """Pass, fail or skip a case by the checks of its name."""
    from cmpnet.checking.subjects import PROMISES
    from cmpnet.contract import UNCHECKED

    __tracebackhide__ = True
    if case.subject.noun == "metadata":
        pytest.fail(case.promise, pytrace=False)
    for one in checks:
        promise, _, reason = one.promise.partition(UNCHECKED)
        if one.fault and promise == case.promise:
            pytest.fail(f"{one.subject}: {one.fault}", pytrace=False)
        if reason and promise == case.promise:
            pytest.skip(f"not checked: {reason.removesuffix(')')}")
        if promise == case.promise:
            return
    order = PROMISES[case.subject.noun]
    last = checks[-1].promise if checks and checks[-1].fault else case.promise
    if order.index(last) < order.index(case.promise):
        pytest.skip(f"not reached: '{last}' fails")
    pytest.skip(f"'{case.subject.name}' makes no such promise")
