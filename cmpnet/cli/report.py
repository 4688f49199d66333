"""``cmpnet report``: results as one page to share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common


def report(
    file: Annotated[
        str, typer.Argument(metavar="OUT.html", show_default=False, help="The page to write.")
    ],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARM|RUN|FILE",
            show_default=False,
            help="Arms, runs or exported files, as for 'cmpnet compare'; by default the last "
            "bench.",
        ),
    ] = None,
    where: common.Where = None,
    metric: common.MetricName = None,
    margin: common.Margin = None,
    store: common.StoreFolder = common.STORE,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Write one self-contained HTML page: verdict, tables, pictures, claims and every number.

    It needs no network, follows the reader's light or dark theme, and can be
    printed. Nothing is trained.

    \b
    cmpnet report report.html
    cmpnet report report.html 3f1a 90cd
    """
    from dataclasses import replace

    import cmpnet
    from cmpnet import errors
    from cmpnet.output.output_file import OutputFile
    from cmpnet.output.page import to_html
    from cmpnet.selection import is_file
    from cmpnet.store import files
    from cmpnet.syntax import assignments

    if file != "-" and not file.endswith((".html", ".htm")):
        raise errors.bad_results_file(file, [".html"])
    protected = files(store) | {Path(name): "the input" for name in what or () if is_file(name)}
    with common.output_files({}, protected, None):
        out = OutputFile(file, "report")
        results = cmpnet.load(
            *(what or ()),
            store=store,
            where=assignments(where or ()),
            metric=metric,
            plugins=plugin or (),
            disabled=common.disabled_plugins(no_plugin),
        )
        with errors.during_run():
            out.write(to_html(replace(results, margin=margin)))
        out.close()
    if file != "-":
        print(f"{file}: {results.source}")
