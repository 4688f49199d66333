"""``cmpnet plot``: pictures of what the store holds."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated, Any, Literal

import typer

from cmpnet.cli import common, completion
from cmpnet.cli.ending import warn
from cmpnet.plots import KINDS, OPTION_KINDS, STORE_KINDS, VERSION_KINDS
from cmpnet.spec import VALIDATION

MAX_INCHES, MAX_CELLS = 100, 1000
HELP_OF_KINDS = "\b\n" + "\n".join(f"{kind:10} {text}" for kind, text in KINDS.items())


def plot(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            help=", ".join(KINDS) + ".",
            autocompletion=completion.one_of(KINDS),
        ),
    ],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARM|RUN",
            show_default=False,
            help="Arms by name, or runs by (the start of) their id; by default the last bench.",
            autocompletion=completion.stored,
        ),
    ] = None,
    where: common.Where = None,
    metric: common.MetricName = None,
    train: Annotated[
        bool, typer.Option("--train", help="Show the training error too (errors) or instead.")
    ] = False,
    on: Annotated[
        Literal["test", "validation"] | None,
        typer.Option(
            show_default="validation for alpha, else both",
            help="Show only arms whose error is measured on these samples.",
        ),
    ] = None,
    against: Annotated[
        Literal["parameters", "seconds"],
        typer.Option(help="What pareto draws the error against."),
    ] = "parameters",
    margin: Annotated[
        float | None,
        typer.Option(
            min=0,
            show_default="not drawn",
            help="Differences within it count as none (difference); of errors, 0.01 is one point.",
        ),
    ] = None,
    label: common.Labels = None,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", show_default=False, help="Another title; '' for none."),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Draw here: the default without --save and --data.")
    ] = False,
    save: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a .svg, .png or .pdf, drawn by matplotlib."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the numbers of the picture as .csv."),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            show_default="the terminal's; 6.3 in a file",
            help="Columns in the terminal, or inches of the file.",
        ),
    ] = None,
    height: Annotated[
        float | None,
        typer.Option(
            show_default="the terminal's; as needed in a file",
            help="Lines in the terminal, or inches of the file.",
        ),
    ] = None,
    font_size: Annotated[
        float | None,
        typer.Option(min=3, max=50, show_default="9", help="Points, in a file."),
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Logarithmic axis of the values, in a file.")
    ] = False,
    store: common.StoreFolder = common.STORE,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Draw what the store holds; nothing is trained.

    A picture mixes no protocols (task, data, its options, epochs) unless runs
    or option values are named. By default it shows the protocol of the newest
    complete bench, and a warning says what was left out.

    \b
    cmpnet plot difference ws ws-aux
    cmpnet plot errors --train
    cmpnet plot compare baseline ws-aux --save compare.svg
    cmpnet plot compare --where pairs=1000
    cmpnet plot compare 'ws\\[epochs=1]' 'ws\\[epochs=25]'
    cmpnet plot map minidl-relu --height 40
    cmpnet plot pareto --save pareto.pdf --width 3.2 --label ws-aux=ours
    cmpnet plot history ws-aux --data history.csv
    """
    import cmpnet
    from cmpnet import errors
    from cmpnet.output.output_file import OutputFile
    from cmpnet.output.terminal import console, print_picture
    from cmpnet.plots import file_suffix, screen
    from cmpnet.syntax import assignments, parse_titles

    if kind not in KINDS:
        raise errors.unknown_name("picture", kind, KINDS, see="plot --help")
    titles = parse_titles(label or ())
    suffix = None if save is None else file_suffix(save)
    if data is not None and not data.lower().endswith(".csv"):
        raise errors.bad_numbers_file(data)
    paper = _paper(save, width, height, font_size, log=log)
    columns, lines = (None, None) if save else _screen_size(width, height)
    file = None if save is None else OutputFile(save, "picture")
    numbers = None if data is None else OutputFile(data, "table of numbers")
    disabled = common.disabled_plugins(no_plugin)
    results = cmpnet.load(
        *(what or ()),
        store=store,
        where=assignments(where or ()),
        all_runs=kind in STORE_KINDS,
        option=kind if kind in OPTION_KINDS else None,
        on=(on or VALIDATION) if kind in OPTION_KINDS else None,
        versions=kind in VERSION_KINDS,
        metric=metric,
        plugins=plugin or (),
        disabled=disabled,
    )
    if results.left_out:
        warn(results.left_out)
    results = replace(results.titled(titles), margin=margin)
    picture = results.plot(kind, train=train, on=on, against=against)
    if title is not None:
        picture = picture.titled(title)
    for reason in picture.left_out:
        print(f"Left out: {reason}", file=sys.stderr)
    if numbers is not None:
        numbers.write(picture.to_bytes("csv"))
        print(f"{data}: the numbers, from {results.source}")
    if file is not None and suffix is not None:
        file.write(picture.to_bytes(suffix, **paper))
        print(f"{save}: from {results.source}")
    if picture.note:
        print(f"Note: {picture.note}", file=sys.stderr)
    if terminal or (file is None and numbers is None):
        out = console()
        print_picture(picture, out, screen(out, columns, lines))
        if file is None:
            out.print(f"from {results.source}")


def _paper(
    save: str | None,
    width: float | None,
    height: float | None,
    font_size: float | None,
    *,
    log: bool,
) -> dict[str, Any]:
    """What a file is to look like.

    Raises:
        CmpnetError: an option is for a file, and there is none; or a size is out of range.
    """
    from cmpnet import errors

    if save is None:
        for flag, given in (("--font-size", font_size is not None), ("--log", log)):
            if given:
                raise errors.needs_save(flag)
        return {}
    for flag, size in (("--width", width), ("--height", height)):
        if size is not None and not 1 <= size <= MAX_INCHES:
            raise errors.bad_picture_size(flag, size, f"1 to {MAX_INCHES} inches with --save")
    sizes = {"width": width, "height": height, "font_size": font_size}
    return {"log": log, **{name: value for name, value in sizes.items() if value is not None}}


def _screen_size(width: float | None, height: float | None) -> tuple[int | None, int | None]:
    """Columns and lines.

    Raises:
        CmpnetError: they are out of range, or not whole.
    """
    from cmpnet import errors
    from cmpnet.plots.layout import MIN_HEIGHT, MIN_WIDTH

    sizes = [("--width", width, MIN_WIDTH, "columns"), ("--height", height, MIN_HEIGHT, "lines")]
    for flag, size, least, unit in sizes:
        if size is not None and not (least <= size <= MAX_CELLS and size == int(size)):
            allowed = f"a whole number from {least} to {MAX_CELLS} {unit} in the terminal"
            raise errors.bad_picture_size(flag, size, allowed)
    return None if width is None else int(width), None if height is None else int(height)
