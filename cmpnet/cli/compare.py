"""``cmpnet compare``: what is in the store or in exported files, against each other."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common
from cmpnet.cli.exports import exports, open_files
from cmpnet.cli.readers import reads


@reads(files=exports)
def compare(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="ARM|RUN|FILE...",
            show_default=False,
            help="Arms by name, runs by (the start of) their id, files of --export-json. "
            "The first is the reference.",
        ),
    ],
    *,
    files: dict[str, str],
    store: common.StoreFolder = common.STORE,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Compare finished results, paired by seed; nothing is trained.

    A run or file stands for all its arms: each arm of the later ones is
    compared with the arm of the same name in the first, or, where that has
    none, with its first arm. A run alone is compared within itself. What
    cannot be compared is left out with a warning that says why.

    \b
    cmpnet compare ws ws-aux            two arms of the last bench with them
    cmpnet compare 3f1a 90cd            two runs, arm by arm
    cmpnet compare old.json ws-aux      an exported bench and the store's arm
    cmpnet compare 3f1a --export-latex table.tex
    """
    import time

    from cmpnet import history, suites
    from cmpnet.analysis.comparisons import against, by_name, obstacle
    from cmpnet.analysis.sections import Outcome, Section
    from cmpnet.cli.running import publish
    from cmpnet.errors import compare_errors
    from cmpnet.registry import Registry
    from cmpnet.store import files as stored
    from cmpnet.store import to_read

    given = {Path(name): "what is compared," for name in what if history.is_file(name)}
    started = time.time()
    with contextlib.ExitStack() as stack:
        opened = open_files(stack, files, {**stored(store), **given})
        registry = Registry(common.disabled_plugins(no_plugin))
        kept = None
        if not all(map(history.is_file, what)):
            kept = stack.enter_context(to_read(store))
        chosen = history.select(kept, what)
        results = chosen.results
        pairs = by_name(chosen.names)
        if not pairs:
            raise compare_errors.nothing_to_compare(what)
        for name, group in zip(what, chosen.names, strict=True):
            if not group:
                common.warn(str(compare_errors.already_there(name)))
        both = [(results[arm], results[other]) for arm, other in pairs]
        reasons = [obstacle(*pair) for pair in both]
        if all(reasons):  # of some the warnings tell
            arm, reference = (one.arm.label for one in both[0])
            raise compare_errors.not_comparable(arm, reference, str(reasons[0]))
        known = suites.Reported(registry)
        arms = [arm.arm for arm in results]
        figures = [known.of_stored(arm) for arm in arms]
        section = Section(f"from {chosen.source}", arms, figures, reference=pairs[0][1])
        found = Outcome(section, range(len(arms)), results, pairs, against(results, pairs), ())
        publish(registry, results, [found], files=opened, started=started, source=chosen.source)
