"""Pictures of results: text in a terminal, SVG in a notebook, and files.

    plot = Plot.of(results.arms, "errors")
    print(plot)
    plot.save("errors.svg")

Importing this package imports neither numpy nor a plotting library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cmpnet import errors, tuning
from cmpnet.errors import CmpnetError
from cmpnet.plots.layout import Screen, screen
from cmpnet.runtime.files import replace_file
from cmpnet.spec import VALIDATION

if TYPE_CHECKING:
    from cmpnet.plots.pictures import Picture
    from cmpnet.results import ArmResults

__all__ = ["KINDS", "OPTION_KINDS", "Plot", "Screen", "file_suffix", "screen"]

KINDS = {
    "errors": "error per epoch, mean with a band of one SD",
    "compare": "mean, SD, every repeat and the reported error of each arm",
    "box": "box plot of each arm's repeats",
    "map": "misclassified points of the plane, with the learnt region",
    "confusion": "confusion matrix of the classes, and the error rate of each pair of digits",
    "alpha": "validation error against alpha, over all runs in the store",
    "pairs": "the misclassified pairs of images",
}
OPTION_KINDS = ("alpha",)  # drawn against the loss's option of this name, over all runs
SUFFIXES = ("svg", "png", "pdf")


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
        cls, arms: Sequence[ArmResults], kind: str, *, train: bool = False, on: str | None = None
    ) -> Plot:
        """The picture of all arms, or the pictures of each arm that has them.

        Args:
            arms: results of the arms.
            kind: a name in :data:`KINDS`.
            train: show the training error too ("errors") or instead ("compare", "box").
            on: show only arms whose error is measured on these samples, "test" or "validation"; by
                default "validation" for a picture that a value is chosen by, all arms for others.

        Raises:
            CmpnetError: the kind is unknown, or no arm has such a picture.
        """
        if kind not in KINDS:
            raise errors.unknown_name("picture", kind, KINDS, see="plot --help")
        if on not in (None, "test", VALIDATION):
            raise errors.bad_value(f"on is {on!r}; it must be 'test' or 'validation'")
        from cmpnet.plots import plot_data

        if kind in OPTION_KINDS:
            values = "0,0.25,0.5,0.75,1"
            having = plot_data.arms_with_option(arms, kind)
            arms, left_out = _split(having, on or VALIDATION, f"--sweep {kind}={values}")
            lines = plot_data.option_lines(arms, kind)
            return cls(kind, [lines], left_out, tuning.caution(arms))
        if on is not None:
            arms, _ = _split(arms, on, f"--on {on}")
        match kind:
            case "errors":
                return cls(kind, [plot_data.error_curves(arms, train=train)])
            case "compare" | "box":
                return cls(kind, [plot_data.rows(arms, train=train, boxes=kind == "box")])
        pictures: list[Picture] = []
        refusals: list[CmpnetError] = []
        for arm in arms:
            try:
                pictures += plot_data.pictures_of(arm, kind)
            except CmpnetError as error:
                refusals.append(error)
        if refusals and not pictures:
            raise refusals[0]
        return cls(kind, pictures, [str(refusal) for refusal in refusals])

    def draw(self, screen: Screen) -> str:
        """The pictures as text, no line of it wider than the screen."""
        from cmpnet.plots.terminal_backend import draw

        return "".join(draw(picture, screen) for picture in self.pictures)

    def to_bytes(self, suffix: str) -> bytes:
        """The content of a file.

        Args:
            suffix: "svg", "png" or "pdf".

        Raises:
            CmpnetError: matplotlib is not installed.
        """
        from cmpnet.plots.matplotlib_backend import to_bytes

        return to_bytes(self.pictures, suffix)

    def save(self, path: str | Path) -> None:
        """Write a .svg, .png or .pdf file.

        Raises:
            CmpnetError: the name ends in anything else, matplotlib is not installed, or the file
                cannot be written.
        """
        content = self.to_bytes(file_suffix(path))
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


def _split(arms: Sequence[ArmResults], on: str, flags: str) -> tuple[list[ArmResults], list[str]]:
    """The arms measured on some samples, and a sentence about the others if there are any.

    Raises:
        CmpnetError: there are only others; ``flags`` of a bench would make some.
    """
    other = "test" if on == VALIDATION else VALIDATION
    shown, hidden = (tuning.measured_on(arms, samples) for samples in (on, other))
    labels = [arm.label for arm in hidden]
    if not shown:
        raise errors.none_measured_on(on, other, labels, flags)
    sentence = f"{', '.join(labels)}: measured on {other} samples; --on {other} shows them."
    return shown, [sentence] if hidden else []
