"""``cmpnet compare``: what the store or exported files hold, against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common, completion


def compare(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="ARM|RUN|FILE...",
            show_default=False,
            help="Arms by name, runs by (the start of) their id, files of --export-json. "
            "The first is the reference.",
            autocompletion=completion.stored,
        ),
    ],
    where: common.Where = None,
    metric: common.MetricName = None,
    margin: common.Margin = None,
    store: common.StoreFolder = common.STORE,
    export_json: common.ExportJson = None,
    export_csv: common.ExportCsv = None,
    export_markdown: common.ExportMarkdown = None,
    export_latex: common.ExportLatex = None,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Compare finished results, paired by seed; nothing is trained.

    A run or file stands for all its arms. Each arm of the later ones is
    compared with the arm of the same name in the first or, without such an
    arm, with its first one. A single run is compared within itself. What
    cannot be compared is left out with a warning that says why. Arms that are
    named without an option of their protocol (task, data, its options, epochs)
    have that of the newest complete bench.

    \b
    cmpnet compare ws ws-aux            two arms of the last bench with them
    cmpnet compare 3f1a 90cd            two runs, arm by arm
    cmpnet compare old.json ws-aux      an exported bench and the store's arm
    cmpnet compare 3f1a --export-latex table.tex
    cmpnet compare ws ws-aux --where epochs=25
    """
    import cmpnet
    from cmpnet.selection import is_file
    from cmpnet.store import files
    from cmpnet.syntax import assignments

    protected = files(store) | {Path(name): "the input" for name in what if is_file(name)}
    exports = common.export_paths(export_json, export_csv, export_markdown, export_latex)
    with common.output_files(exports, protected) as opened:
        disabled = common.disabled_plugins(no_plugin)
        results = cmpnet.compare(
            *what,
            metric=metric,
            margin=margin,
            store=store,
            where=assignments(where or ()),
            plugins=plugin or (),
            disabled=disabled,
        )
        common.report(results, opened)
