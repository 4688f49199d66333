"""Terminal pictures made of cells: matrices and images."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from cmpnet.plots.cells import Floats, Grid, Pair, Pairs, percentage
from cmpnet.plots.layout import Screen, fold

SHADES = " .:-=+*#%@"
GAP = "   "  # between two pairs
LONGEST_NAME = 14  # characters of the name of a class; the rest is cut


def _painted(text: str, foreground: int, background: int, screen: Screen) -> str:
    """The text in greys from 0 (black) to 23 (white) where the screen has colours."""
    if not screen.colour:
        return text
    return f"\x1b[38;5;{232 + foreground};48;5;{232 + background}m{text}\x1b[0m"


def _shade(value: float) -> str:
    """The shade of a number from 0 to 1."""
    return SHADES[min(int(10 * value), 9)]


def grid(picture: Grid, screen: Screen) -> list[str]:
    """Numbers by row and column on a grey background, or shades where numbers do not fit."""
    columns = max(len(row) for row in picture.cells)
    headings = [screen.spell_out(name) for name in picture.headings]
    margin = min(max(2, *map(len, headings)), LONGEST_NAME, screen.width // 4)
    width = min((screen.width - margin - 2) // columns, max(6, margin + 2))
    axes = f"rows: {picture.row_label}, columns: {picture.column_label}"
    if width < 4:
        width = 1
        axes += f"; shades up to {picture.top:.0f} %: {SHADES.strip()}"
    # One character names a column of shades: the last digit of its number, or an initial.
    short = [name[-1:] if name.isdecimal() else name[:1] for name in headings]
    tops = short if width == 1 else [name[: width - 1] for name in headings]
    lines = [f"{'':{margin}} │" + "".join(f"{name:>{width}}" for name in tops[:columns])]
    lines.append("─" * (margin + 1) + "┼" + "─" * (width * columns))
    for heading, row in zip(headings, picture.cells, strict=False):
        line = f"{heading[:margin]:>{margin}} │"
        for value in row:
            share = (value or 0) / picture.top
            level = round(23 * share)
            if width == 1:
                text = "?" if value is None else _shade(share)
            else:
                text = f"{'-' if value is None else percentage(value):>{width}}"
            line += _painted(text, 23 if level < 12 else 0, level, screen)
        lines.append(line)
    return [*fold(axes, screen.width), *lines]


def pairs(picture: Pairs, screen: Screen) -> list[str]:
    """As many pairs as fit, each as two images side by side above their caption."""
    if not picture.pairs:
        return ["No mistakes."]
    blocks = [_block(pair, screen) for pair in picture.pairs]
    width = 2 * picture.pairs[0].images.shape[2] + 1
    across = max((screen.width + len(GAP)) // (width + len(GAP)), 1)
    down = max(screen.height // (max(map(len, blocks)) + 1), 1)
    shown = blocks[: across * down]
    lines: list[str] = []
    for start in range(0, len(shown), across):
        beside = zip_longest(*shown[start : start + across], fillvalue=" " * width)
        lines += ["", *(GAP.join(texts).rstrip() for texts in beside)]
    if len(shown) < len(blocks):
        lines += [
            "",
            *fold(f"{len(shown)} shown; --height shows more.", screen.width),
        ]
    return lines[1:]


def _block(pair: Pair, screen: Screen) -> list[str]:
    """The lines of a pair; images that are too wide for the screen lose columns."""
    _, height, width = pair.images.shape
    caption = [screen.spell_out(text) for text in pair.caption if text]
    step = -(-(2 * width + 1) // screen.width)
    columns = width // step
    images = pair.images[:, :, : step * columns].reshape(2, height, columns, step).mean(3)
    left, right = (_image(image, screen) for image in images)
    lines = [" ".join(halves) for halves in zip(left, right, strict=True)]
    if step > 1:
        return lines + [line for text in caption for line in fold(text, screen.width)]
    return lines + [f"{text[: 2 * width + 1]:<{2 * width + 1}}" for text in caption]


def _image(image: Floats, screen: Screen) -> list[str]:
    """One line per two rows of pixels: greys, or black and white, or shades in ASCII."""
    if len(image) % 2:
        image = np.vstack([image, np.zeros_like(image[:1])])
    lines = []
    for upper, lower in zip(image[::2], image[1::2], strict=True):
        line = ""
        for a, b in zip(upper.tolist(), lower.tolist(), strict=True):
            if screen.colour:
                line += _painted("▀", round(23 * a), round(23 * b), screen)
            elif screen.unicode:
                line += " ▄▀█"[2 * (a >= 0.35) + (b >= 0.35)]
            else:
                line += _shade((a + b) / 2)
        lines.append(line)
    return lines
