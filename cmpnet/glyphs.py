"""Letters for streams that have ASCII alone: the nearest one each, so that no column moves.

Where a text is not laid out yet, two letters say what none does alone.
"""

from __future__ import annotations

SPELT = {"±": "+-", "≤": "<="}
ASCII = {
    "×": "x",
    "•": "o",
    "·": ".",
    "◆": "$",
    "…": "~",
    "┃": "|",
    "⋅": ".",
    "─": "-",
    "━": "=",
    "│": "|",
    "┼": "+",
    "├": "|",
    "┤": "|",
    "┬": "+",
    "┴": "+",
    **dict.fromkeys("┌┐└┘╭╮╰╯", "+"),
    "█": "#",
    "▓": "%",
    "▒": "=",
    "░": ".",
    "▀": "^",
    "▄": "_",
}


def ascii_letter(letter: str) -> str:
    """The nearest ASCII: dots and blocks that have none of their own are stars, others "?".

    >>> "".join(map(ascii_letter, "4 × 1 │█⢕ é"))
    '4 x 1 |#* ?'
    """
    if letter.isascii():
        return letter
    return ASCII.get(letter, "*" if "▀" <= letter <= "⣿" else "?")


def spelt(text: str) -> str:
    """A text that need not keep its length, with no letter that has no near one in ASCII.

    >>> spelt("3 ± 1 ≤ 4")
    '3 +- 1 <= 4'
    """
    return "".join(SPELT.get(letter, letter) for letter in text)


def to_ascii(text: str) -> str:
    """A text of the same length in ASCII."""
    return "".join(map(ascii_letter, text))
