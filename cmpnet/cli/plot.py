"""``cmpnet plot``: pictures of what the store holds."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet.cli import common

if TYPE_CHECKING:
    from cmpnet.bench import ArmResults
    from cmpnet.history import Selection
    from cmpnet.plots.pictures import Picture
    from cmpnet.registry import Registry
    from cmpnet.store import Store

KINDS = ("errors", "compare", "box", "map", "confusion", "alpha", "pairs")
SUFFIXES = (".svg", ".png", ".pdf")


def plot(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", show_default=False, help=", ".join(KINDS) + ".")
    ],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARM|RUN",
            show_default=False,
            help="Arms by name, or runs by (the start of) their id; without any, the last bench.",
        ),
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="The training error too (errors) or instead.")
    ] = False,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Draw here: the default, unless --save is given.")
    ] = False,
    save: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a .svg, .png or .pdf, drawn by matplotlib."),
    ] = None,
    width: Annotated[
        str | None,
        typer.Option(metavar="N", show_default="the terminal's", help="Columns drawn on."),
    ] = None,
    height: Annotated[
        str | None,
        typer.Option(metavar="N", show_default="the terminal's", help="Lines drawn on."),
    ] = None,
    store: common.StoreFolder = common.STORE,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Draw what the store holds; nothing is trained.

    \b
    errors     error per epoch, mean with a band of one SD
    compare    mean, SD, every repeat and the reported value of each arm
    box        quartiles of the repeats of each arm
    map        misclassified points of the disk, with the region that was learnt
    confusion  which digit is taken for which, and the error rate of each pair
    alpha      test error against alpha, from all runs in the store
    pairs      the misclassified pairs of images themselves

    \b
    cmpnet plot errors --train
    cmpnet plot compare baseline ws-aux --save compare.svg
    cmpnet plot map minidl-relu --height 40
    """
    from cmpnet import errors, history
    from cmpnet.output import report
    from cmpnet.output.export import Output
    from cmpnet.registry import Registry
    from cmpnet.store import to_read

    if kind not in KINDS:
        raise errors.unknown_name("picture", kind, KINDS, see="plot --help")
    columns = common.whole_number("width", width, 20, 1000) if width else None
    lines = common.whole_number("height", height, 8, 1000) if height else None
    if save is not None and Path(save).suffix.lower() not in SUFFIXES:
        raise errors.bad_picture_file(save)
    registry = Registry(common.disabled_plugins(no_plugin))
    with contextlib.ExitStack() as stack:
        if save is not None:
            from cmpnet.plots.figures import to_bytes  # says what to install where it cannot be

            file = stack.enter_context(contextlib.closing(Output(save, "picture")))
        kept = stack.enter_context(to_read(store))
        chosen = _alpha(kept, what or []) if kind == "alpha" else history.select(kept, what or [])
        pictures = make(kind, chosen.results, registry, train=train)
        if save is not None:
            file.write(to_bytes(pictures, Path(save).suffix.lower()[1:], boxes=kind == "box"))
            print(f"{save}: from {chosen.source}")
        if save is None or terminal:
            from cmpnet.plots import screen

            out = report.console()
            on = screen(out, columns, lines)
            for picture in pictures:
                report.print_picture(picture, out, on, boxes=kind == "box")
            if save is None:
                out.print(f"from {chosen.source}")


def make(
    kind: str, results: Sequence[ArmResults], registry: Registry, *, train: bool = False
) -> list[Picture]:
    """The pictures of a kind: one of all arms, or one or more of each arm that has such a picture.

    Raises:
        CmpnetError: none has.
    """
    from cmpnet import errors, suites
    from cmpnet.errors import CmpnetError
    from cmpnet.plots import series

    if kind == "errors":
        return [series.error_curves(results, train=train)]
    if kind == "alpha":
        return [series.alpha_lines(results)]
    if kind in ("compare", "box"):
        known = suites.Reported(registry)
        reported = [known.of_stored(arm.arm) for arm in results]
        return [series.rows(results, reported, train=train)]
    pictures: list[Picture] = []
    refused: list[CmpnetError] = []
    for arm in results:
        try:
            if kind == "confusion":
                pictures += series.confusion(arm)
            elif kind == "map":
                pictures.append(series.plane(arm, registry.task(arm.arm.task)))
            else:
                pictures.append(series.pairs(arm, registry.task(arm.arm.task)))
        except CmpnetError as error:
            refused.append(error)
        except (ValueError, TypeError, LookupError):  # details are what a task, or a file, says
            unfit = "the details kept of its repeats are not what the picture needs"
            refused.append(errors.no_picture(kind, arm.arm.label, unfit))
    if not pictures:
        raise refused[0]
    for reason in refused:
        print(f"Left out: {reason}", file=sys.stderr)
    return pictures


def _alpha(store: Store, names: Sequence[str]) -> Selection:
    """Every arm with an alpha in the store, or those that the names mean."""
    from cmpnet import history
    from cmpnet.arms import matches

    found = history.everything(store)
    if names:
        found = [a for a in found if any(matches(a.arm.label, name) for name in names)]
    if names and not found:
        return history.select(store, names)
    labels = [[arm.arm.label for arm in found]]
    return history.Selection(found, f"all {len(store.runs())} runs", labels)
