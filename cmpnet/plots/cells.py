"""Terminal pictures made of cells: matrices and images."""

from __future__ import annotations

import numpy as np

from cmpnet.plots.canvas import Screen
from cmpnet.plots.pictures import Floats, Grid, Pair, Pairs, fold

SHADES = " .:-=+*#%@"
GAP = 3  # columns between two pairs


def _painted(text: str, front: int, back: int, on: Screen) -> str:
    """A text in greys from 0 (black) to 23, where there is colour."""
    if not on.colour:
        return text
    return f"\x1b[38;5;{232 + front};48;5;{232 + back}m{text}\x1b[0m"


def grid(picture: Grid, on: Screen) -> str:
    """Rows of numbers, darker the larger they are; of shades alone where numbers do not fit."""
    count = max(len(row) for row in picture.cells)
    wide = min((on.width - 4) // count, 6)
    axes = f"rows: {picture.row_label}, columns: {picture.column_label}"
    top = max((v for row in picture.cells for v in row if v is not None), default=0.0) or 1.0
    if wide < 4:
        wide = 1
        axes += f"; shades up to {top:.0f} %: {SHADES.strip()}"
    head = "   │" + "".join(f"{column:>{wide}}" for column in range(count))
    lines = [head, "───┼" + "─" * (wide * count)]
    for number, row in enumerate(picture.cells):
        cells = []
        for value in row:
            level = round(23 * (value or 0) / top)
            text = _number(value, wide) if wide > 1 else _shade(value, top)
            cells.append(_painted(text, 23 if level < 12 else 0, level, on))
        lines.append(f"{number:>2} │" + "".join(cells))
    return "\n".join([*fold(axes, on.width), *lines])


def _number(value: float | None, wide: int) -> str:
    if value is None:
        return f"{'-':>{wide}}"
    return f"{'·':>{wide}}" if value == 0 else f"{'<1' if value < 0.5 else f'{value:.0f}':>{wide}}"


def _shade(value: float | None, top: float) -> str:
    return "?" if value is None else SHADES[min(int(10 * value / top), 9)]


def pairs(picture: Pairs, on: Screen) -> str:
    """Both images of every pair side by side, and under them what was said; as many as fit."""
    if not picture.pairs:
        return "No mistakes."
    blocks = [_pair(pair, on) for pair in picture.pairs]
    wide, high = block_size(picture.pairs[0])
    across = max((on.width + GAP) // (wide + GAP), 1)
    down = max((on.height - 1) // (high + 1), 1)
    shown = blocks[: across * down]
    lines = []
    for start in range(0, len(shown), across):
        rows = zip(*shown[start : start + across], strict=True)
        lines += [(" " * GAP).join(row).rstrip() for row in rows] + [""]
    if len(shown) < len(blocks):
        lines += fold(f"{len(shown)} of them; --height shows more.", on.width)
    return "\n".join(lines).rstrip("\n")


def block_size(pair: Pair) -> tuple[int, int]:
    """Columns and lines of a pair with its caption."""
    _, high, wide = pair.images.shape
    return 2 * wide + 1, (high + 1) // 2 + len(list(filter(None, pair.caption)))


def _pair(pair: Pair, on: Screen) -> list[str]:
    wide, _ = block_size(pair)
    caption = [on.words(text) for text in pair.caption if text]
    if wide > on.width:  # each image at half its width
        images = [image.reshape(len(image), -1, 2).mean(2) for image in pair.images]
        below = [line for text in caption for line in fold(text, on.width)]
    else:
        images = list(pair.images)
        below = [f"{text[:wide]:<{wide}}" for text in caption]
    halves = [_image(image, on) for image in images]
    lines = [f"{left} {right}" for left, right in zip(*halves, strict=True)]
    return lines + below


def _image(image: Floats, on: Screen) -> list[str]:
    """Two rows of pixels a line: greys where there is colour, else the nearer of black and white.

    In ASCII the mean of the two as a shade.
    """
    if len(image) % 2:
        image = np.vstack([image, np.zeros_like(image[:1])])
    lines = []
    for upper, lower in zip(image[::2], image[1::2], strict=True):
        line = ""
        for a, b in zip(upper.tolist(), lower.tolist(), strict=True):
            if on.colour:
                line += _painted("▀", round(23 * a), round(23 * b), on)
            elif on.unicode:
                line += " ▄▀█"[2 * (a >= 0.35) + (b >= 0.35)]
            else:
                line += SHADES[min(int(5 * (a + b)), 9)]
        lines.append(line)
    return lines
