"""The file formats of results, by the ending of a file's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cmpnet import errors
from cmpnet.output.csv_export import to_csv
from cmpnet.output.json_export import to_json
from cmpnet.output.latex_export import to_latex
from cmpnet.output.markdown_export import to_markdown
from cmpnet.results import Results

FORMATS: Mapping[str, tuple[str, Callable[[Results], bytes]]] = {
    "json": ("every raw number as JSON", to_json),
    "csv": ("one row per repeat as CSV", to_csv),
    "md": ("the printed tables as Markdown", to_markdown),
    "tex": ("the printed tables as LaTeX", to_latex),
}
"""Description and renderer of each format."""


def render(results: Results, suffix: str, path: str | Path) -> bytes:
    """Results in a file format.

    Args:
        results: what to write.
        suffix: ending of the file's name, without the dot.
        path: the file, for the error.

    Raises:
        CmpnetError: no format has this ending.
    """
    if suffix not in FORMATS:
        raise errors.bad_results_file(path, [f".{known}" for known in FORMATS])
    return FORMATS[suffix][1](results)
