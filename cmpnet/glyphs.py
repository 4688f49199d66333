"""Letters for streams that have ASCII alone: the nearest one each, so that no column moves."""

from __future__ import annotations

ASCII = {
    "±": "~",
    "×": "x",
    "•": "o",
    "·": ".",
    "◆": "$",
    "…": "~",
    "≤": "<",
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

    >>> "".join(map(ascii_letter, "4 ± 1 │█⢕ é"))
    '4 ~ 1 |#* ?'
    """
    if letter.isascii():
        return letter
    return ASCII.get(letter, "*" if "▀" <= letter <= "⣿" else "?")


def to_ascii(text: str) -> str:
    """A text of the same length in ASCII."""
    return "".join(map(ascii_letter, text))
