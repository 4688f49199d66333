"""What a terminal can show, and text that fits its width."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cmpnet.ascii_fallback import spell_out

if TYPE_CHECKING:  # the callers have a console; importing rich here would slow down the others
    from rich.console import Console

GAP = "   "  # between the entries of a legend
PAGE_WIDTH, FONT_SIZE = 6.3, 9.0  # inches: the text width of a page; points
MIN_WIDTH, MIN_HEIGHT = 20, 8  # a smaller terminal gets a picture of this size


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The size of a picture in a file.

    Attributes:
        width: inches; by default the text width of a page.
        height: inches; None for what the content needs.
        font_size: of labels, in points; titles have one more.
        log: whether the axis of the values is logarithmic.
    """

    width: float = PAGE_WIDTH
    height: float | None = None
    font_size: float = FONT_SIZE
    log: bool = False

    def characters(self, count: int) -> int:
        """How many characters fit where so many do on the default page.

        >>> Paper(width=3.15).characters(80), Paper(font_size=18).characters(80)
        (40, 40)
        """
        return max(int(count * (self.width / PAGE_WIDTH) * (FONT_SIZE / self.font_size)), 12)


@dataclass(frozen=True, slots=True)
class Screen:
    """The terminal, or the pipe, that a picture is drawn for.

    Attributes:
        width: columns.
        height: lines.
        colour: whether it shows colours.
        unicode: whether it can encode more than ASCII.
    """

    width: int
    height: int
    colour: bool = False
    unicode: bool = True

    def spell_out(self, text: str) -> str:
        """The text with "±" as "+-" and the like where the screen has ASCII only.

        The length changes, so call this before the text is laid out.
        """
        return text if self.unicode else spell_out(text)


def screen(console: Console, width: int | None = None, height: int | None = None) -> Screen:
    """The screen of a console.

    Args:
        console: where the picture will be printed.
        width: columns; by default those of the terminal, at most 120, or 80 for a pipe.
        height: lines; by default those of the terminal minus two, at most 40, or 24 for a pipe.
    """
    # rich assumes 80x25 for a dumb terminal.
    size = shutil.get_terminal_size() if console.is_dumb_terminal else console.size
    columns, lines = (size[0], size[1] - 2) if console.is_terminal else (80, 24)
    return Screen(
        max(MIN_WIDTH, width or min(columns, 120)),
        max(MIN_HEIGHT, height or min(lines, 40)),
        console.color_system is not None and not console.no_color,
        not console.options.ascii_only,
    )


def fold(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters, broken where the parts of a title or a label end.

    >>> fold("ws-aux:aux-scheduled[alpha=0.25,decay=none]", 24)
    ['ws-aux:aux-scheduled', '[alpha=0.25,decay=none]']
    """
    lines = [""]
    for part in re.split(r"(?<=[:,\s])|(?=\[)", text):
        for piece in [part[start : start + width] for start in range(0, len(part), width)]:
            if len(lines[-1]) + len(piece.rstrip()) > width:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines]


def shorten(text: str, width: int) -> str:
    """The text, with its middle replaced by "…" where it is longer than ``width``.

    >>> shorten("ws-aux:aux-scheduled[alpha=0.25]", 16)
    'ws-aux:a…a=0.25]'
    """
    if len(text) <= width:
        return text
    tail = max(width - 1, 0) // 2
    return text[: max(width - 1 - tail, 0)] + "…" + (text[-tail:] if tail else "")


def side_by_side(entries: Iterable[str], width: int) -> list[str]:
    """The entries of a legend in lines of at most ``width`` characters; long ones are shortened.

    >>> side_by_side(["• repeat", "◆ reported", "├┤ ± SD"], 24)
    ['• repeat   ◆ reported', '├┤ ± SD']
    """
    return [GAP.join(line) for line in _packed(entries, width)]


def legend(entries: Iterable[tuple[str, int | None]], screen: Screen) -> list[str]:
    r"""The entries of a legend side by side, the sample of each in its colour.

    Args:
        entries: a sample and, after a blank, what it stands for; with the number of its colour, of
            256, or None.
        screen: what it is drawn for.

    >>> legend([("× wrong", 160), ("o border", None)], Screen(80, 24, colour=True))
    ['\x1b[38;5;160m×\x1b[0m wrong   o border']
    """
    entries = list(entries)
    lines = _packed([screen.spell_out(text) for text, _ in entries], screen.width)
    coloured = iter([colour for _, colour in entries])
    return [GAP.join(_painted(text, next(coloured), screen) for text in line) for line in lines]


def _painted(entry: str, colour: int | None, screen: Screen) -> str:
    sample, blank, text = entry.partition(" ")
    if colour is None or not screen.colour:
        return entry
    return f"\x1b[38;5;{colour}m{sample}\x1b[0m{blank}{text}"


def _packed(entries: Iterable[str], width: int) -> list[list[str]]:
    """The entries line by line, as many in a line as fit."""
    lines: list[list[str]] = [[]]
    for entry in (shorten(entry, width) for entry in entries):
        if lines[-1] and len(GAP.join([*lines[-1], entry])) > width:
            lines.append([])
        lines[-1].append(entry)
    return lines
