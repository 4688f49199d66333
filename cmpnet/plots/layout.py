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

MIN_WIDTH, MIN_HEIGHT = 20, 8  # a smaller terminal gets a picture of this size


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
    lines = [""]
    for entry in (shorten(entry, width) for entry in entries):
        joined = f"{lines[-1]}   {entry}" if lines[-1] else entry
        if len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(entry)
    return lines
