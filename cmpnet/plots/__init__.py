"""Pictures of results: text in a terminal, SVG in a notebook, and files.

    plot = Plot.of(results.arms, "errors")
    print(plot)
    plot.save("errors.svg")

Importing this package imports neither numpy nor a plotting library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cmpnet import errors
from cmpnet.plots.layout import Paper, Screen, screen
from cmpnet.runtime.files import replace_file
from cmpnet.spec import VALIDATION

if TYPE_CHECKING:
    from cmpnet.analysis.comparisons import ArmComparison
    from cmpnet.plots.data.marks import Cost
    from cmpnet.plots.pictures import Picture
    from cmpnet.results import ArmResults

__all__ = [
    "KINDS",
    "OPTION_KINDS",
    "STORE_KINDS",
    "VERSION_KINDS",
    "Paper",
    "Plot",
    "Screen",
    "file_suffix",
    "screen",
]

KINDS = {
    "difference": "each arm minus the reference, every seed, with the interval that decides",
    "errors": "error per epoch, mean with a band of one SD",
    "compare": "mean, SD, every repeat and the reported error of each arm",
    "box": "box plot of each arm's repeats",
    "pareto": "error against parameters or seconds, with 95 % intervals",
    "map": "misclassified points of the plane, with the learnt region",
    "confusion": "confusion matrix of the classes, and the error rate of each pair of digits",
    "alpha": "validation error against alpha, over all runs in the store",
    "history": "one arm over the versions of its code, over all runs in the store",
    "pairs": "the misclassified pairs of images",
}
OPTION_KINDS = ("alpha",)  # drawn against the loss's option of this name
VERSION_KINDS = ("history",)  # drawn over the versions of the code
STORE_KINDS = (*OPTION_KINDS, *VERSION_KINDS)  # drawn of all runs of a store
LOG_KINDS = ("errors", "compare", "box", "alpha", "pareto", "history")
SUFFIXES = ("svg", "png", "pdf")
DATA_SUFFIX = "csv"


def file_suffix(path: str | Path) -> str:
    """The format of a picture file, checked before any work is done: "svg", "png" or "pdf".

    Raises:
        CmpnetError: the name ends in anything else, or matplotlib is not installed.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        raise errors.bad_picture_file(path)
    import_module("cmpnet.plots.matplotlib_backend")
    return suffix


@dataclass(frozen=True, repr=False)
class Plot:
    """Pictures of one kind. Its text is for a screen of 80x24 without colours.

    Attributes:
        kind: a name in :data:`KINDS`.
        pictures: what is drawn, from top to bottom.
        left_out: for each arm that has no such picture, the reason in a sentence.
        note: a sentence below the pictures, or "".
    """

    kind: str
    pictures: list[Picture]
    left_out: list[str] = field(default_factory=list)
    note: str = ""

    @classmethod
    def of(
        cls,
        arms: Sequence[ArmResults],
        kind: str,
        *,
        train: bool = False,
        on: str | None = None,
        against: Cost = "parameters",
        comparisons: Iterable[ArmComparison] = (),
        margins: bool = False,
    ) -> Plot:
        """The picture of all arms, or the pictures of each arm that has them.

        Args:
            arms: results of the arms.
            kind: a name in :data:`KINDS`.
            train: show the training error too ("errors") or instead ("compare", "box").
            on: show only arms whose error is measured on these samples, "test" or "validation"; by
                default "validation" for a picture that a value is chosen by, all arms for others.
            against: what "pareto" draws the error against, "parameters" or "seconds".
            comparisons: what "difference" draws, as :meth:`cmpnet.Results.compare` returns them.
            margins: draw the margins of equivalence ("difference").

        Raises:
            CmpnetError: the kind is unknown, or no arm has such a picture.
        """
        if kind not in KINDS:
            raise errors.unknown_name("picture", kind, KINDS, see="plot --help")
        if on not in (None, "test", VALIDATION):
            raise errors.bad_value(f"on is {on!r}; it must be 'test' or 'validation'")
        from cmpnet.plots.data import make

        made = make(
            kind,
            arms,
            train=train,
            on=on,
            against=against,
            comparisons=[*comparisons],
            margins=margins,
        )
        return cls(kind, made.pictures, made.left_out, made.note)

    def titled(self, title: str) -> Plot:
        """The same with another title; "" for none. Of several pictures each keeps its own."""
        if len(self.pictures) > 1:
            return self
        return replace(self, pictures=[replace(one, title=title) for one in self.pictures])

    def draw(self, screen: Screen) -> str:
        """The pictures as text, no line of it wider than the screen."""
        from cmpnet.plots.terminal_backend import draw

        return "".join(draw(picture, screen) for picture in self.pictures)

    def to_bytes(self, suffix: str, **paper: Any) -> bytes:
        """The content of a file.

        Args:
            suffix: "svg", "png", "pdf", or "csv" for the numbers.
            paper: fields of :class:`Paper`: ``width=3.15, font_size=8, log=True``.

        Raises:
            CmpnetError: matplotlib is not installed, or the values have no logarithmic axis.
        """
        if suffix == DATA_SUFFIX:
            from cmpnet.plots.tidy import to_csv

            return to_csv(self.pictures)
        from cmpnet.plots.matplotlib_backend import to_bytes

        sheet = Paper(**paper)
        if sheet.log and self.kind not in LOG_KINDS:
            raise errors.no_logarithm(self.kind, LOG_KINDS)
        return to_bytes(self.pictures, suffix, sheet)

    def to_records(self) -> list[dict[str, Any]]:
        """The numbers of the pictures, one flat dictionary per number or point."""
        from cmpnet.plots.tidy import records

        return records(self.pictures)

    def save(self, path: str | Path, **paper: Any) -> None:
        """Write a .svg, .png or .pdf file, or the numbers as .csv.

        Args:
            path: the file.
            paper: fields of :class:`Paper`, as for :meth:`to_bytes`.

        Raises:
            CmpnetError: the name ends in anything else, matplotlib is not installed, or the file
                cannot be written.
        """
        suffix = Path(path).suffix.lower().removeprefix(".")
        content = self.to_bytes(suffix if suffix == DATA_SUFFIX else file_suffix(path), **paper)
        try:
            replace_file(Path(path), content)
        except OSError as error:
            raise errors.unwritable(path, "picture", error) from None

    def __str__(self) -> str:
        return f"{self.draw(Screen(80, 24))}{self.note}".rstrip("\n")

    __repr__ = __str__  # what a Python prompt shows, and a notebook without matplotlib

    def _repr_svg_(self) -> str | None:
        """SVG for a notebook, or None without matplotlib."""
        try:
            return self.to_bytes("svg").decode()
        except errors.MissingPackageError:
            return None
