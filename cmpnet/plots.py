"""Terminal pictures, drawn with plotext."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

MARKERS = ("hd", "braille", "•", "×")  # told apart without colour too
_SAMPLES = ("▚", "⢕", "•", "×")


def _ticks(first: int, last: int, most: int) -> list[int]:
    """Whole-number ticks from first to last, at most ``most`` steps of 1, 2, 5, 10, ... apart.

    >>> _ticks(1, 25, 6)
    [1, 5, 10, 15, 20, 25]
    """
    step = next(
        step
        for power in range(12)
        for step in (10**power, 2 * 10**power, 5 * 10**power)
        if (last - first) / step <= most
    )
    return [first, *range((first // step + 1) * step, last + 1, step)]


def curves(
    series: Mapping[str, Sequence[float]], *, title: str, width: int, height: int, colour: bool
) -> str:
    """Errors in % over the epochs, one line a name, as text with its legend above the canvas.

    Values that are not finite are left out (plotext aborts the interpreter on NaN); an empty text
    where nothing is left.
    """
    import plotext

    points = {
        name: [(epoch, 100 * y) for epoch, y in enumerate(values, 1) if math.isfinite(y)]
        for name, values in series.items()
    }
    points = {name: values for name, values in points.items() if values}
    if not points or width < 20 or height < 5:
        return ""
    last = max(values[-1][0] for values in points.values())
    top = max(y for values in points.values() for _, y in values)
    figure = plotext.figure
    figure.clear()
    plotext.terminal.limit(False, False)
    figure.theme("simple")
    figure.plot_size(width, height)
    legend = []
    for (name, values), marker, sample in zip(points.items(), MARKERS, _SAMPLES, strict=False):
        signal = figure.signal(*map(list, zip(*values, strict=True)), marker=marker)
        figure.draw(signal.lines())
        legend.append(f"{sample} {name}")
    figure.ruler("x").lim(1, max(last, 2))
    figure.ruler("y").lim(0, top * 1.05 or 1)
    figure.ruler("x").ticks(_ticks(1, max(last, 2), max(1, width // 10)))
    canvas = figure.build()
    head = f"{title}   {'   '.join(legend)}   (% errors over epochs)"
    return f"{head}\n{canvas.string(colorless=not colour).rstrip()}\n"
