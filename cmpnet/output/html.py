"""Results as HTML, for notebooks."""

from __future__ import annotations

from html import escape

from cmpnet.output.table_data import pages
from cmpnet.output.tables import Row, Table
from cmpnet.results import Results

_LEFT, _RIGHT = "text-align:left", "text-align:right;white-space:nowrap"
_FAINT = "opacity:.7"  # no colour of its own, so that it is readable on light and dark pages


def results_html(results: Results) -> str:
    """The printed tables with their notes and claims as a list, and their signatures."""
    blocks: list[str] = []
    for content in pages(results):
        blocks += map(_table, content.tables)
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in content.sentences)
        blocks.append(f'<ul style="{_FAINT}">{items}</ul>' if items else "")
        signature = escape(content.signature).replace("|", "|<wbr/>")
        blocks.append(f'<p style="{_FAINT}"><code>{signature}</code></p>')
    return f"<div>{''.join(blocks)}</div>"


def _table(table: Table) -> str:
    title = "<br/>".join(escape(line) for line in table.title.splitlines())
    caption = f'<caption style="{_LEFT};font-weight:bold">{title}</caption>' if title else ""
    head = _row("th", Row(table.headings), table.text_columns)
    body = "".join(_row("td", row, table.text_columns) for row in table.rows)
    return f"<table>{caption}<thead>{head}</thead><tbody>{body}</tbody></table>"


def _row(tag: str, row: Row, text_columns: int) -> str:
    cells = "".join(
        f'<{tag} style="{_LEFT if n < text_columns else _RIGHT}">{escape(cell)}</{tag}>'
        for n, cell in enumerate(row.cells)
    )
    return f'<tr style="{_FAINT}">{cells}</tr>' if row.aside else f"<tr>{cells}</tr>"
