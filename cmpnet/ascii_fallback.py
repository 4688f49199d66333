"""ASCII replacements for output streams that cannot encode Unicode.

``to_ascii`` keeps the length of a text, so columns stay aligned. ``spell_out`` may make a text
longer and is meant for text that is not laid out yet.
"""

from __future__ import annotations

SPELLED_OUT = {"±": "+-", "≤": "<="}
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
    """The most similar ASCII character: "*" for other dots and blocks, "?" for anything else.

    >>> "".join(map(ascii_letter, "4 × 1 │█⢕ é"))
    '4 x 1 |#* ?'
    """
    if letter.isascii():
        return letter
    return ASCII.get(letter, "*" if "▀" <= letter <= "⣿" else "?")


def spell_out(text: str) -> str:
    """The text with two ASCII characters for each symbol that no single one resembles.

    >>> spell_out("3 ± 1 ≤ 4")
    '3 +- 1 <= 4'
    """
    return "".join(SPELLED_OUT.get(letter, letter) for letter in text)


def to_ascii(text: str) -> str:
    """The text in ASCII, of the same length."""
    return "".join(map(ascii_letter, text))
