"""The printed tables as Markdown."""

from __future__ import annotations

import re

from cmpnet.output.table_data import pages
from cmpnet.output.tables import Row, Table
from cmpnet.results import Results


def to_markdown(results: Results) -> bytes:
    """The printed tables with their titles and notes, in the Markdown of GitHub."""
    blocks = []
    for content in pages(results):
        for table in content.tables:
            blocks.append("  \n".join(f"**{_escape(line)}**" for line in table.title.splitlines()))
            blocks.append(_grid(table))
        blocks.append("\n".join(f"- {_escape(sentence)}" for sentence in content.sentences))
        blocks.append(f"`{content.signature.replace('`', '')}`")
    return ("\n\n".join(filter(None, blocks)) + "\n").encode()


def _grid(table: Table) -> str:
    names = table.text_columns
    ruler = ["---"] * names + ["---:"] * (len(table.headings) - names)
    rows = [[_escape(cell) for cell in row.cells] for row in (Row(table.headings), *table.rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (rows[0], ruler, *rows[1:]))


def _escape(text: str) -> str:
    r"""Text that Markdown shows literally.

    >>> _escape("ws[a=1] 2 of 3 a_b|c *~")
    'ws\\[a=1\\] 2 of 3 a\\_b\\|c \\*\\~'
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text.replace("\n", " "))
