r"""The printed tables as LaTeX, a document of their own or a part of another one."""

from __future__ import annotations

import re
import unicodedata

from cmpnet.output.table_data import pages
from cmpnet.output.tables import Table
from cmpnet.results import Results

# After \begin{document}, \documentclass is LaTeX's \@notprerr ("can be used only in preamble"):
# then the file is a part of another document.
_HEAD = r"""% By cmpnet. Compiles as it is, and by \input in a document; needs no package.
\makeatletter
\ifx\documentclass\@notprerr
  \def\cmpnetend{}
\else
  \documentclass{article}
  \oddsidemargin=-15mm \textwidth=190mm \parindent=0pt
  \def\cmpnetend{\end{document}}
  \begin{document}
\fi
\makeatother
"""

_ESCAPES = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "[": "{[}",  # at the start of a row it would be an argument of the line break before
    "]": "{]}",
}


def to_latex(results: Results) -> bytes:
    r"""The printed tables as one file that compiles alone and by ``\input`` in a document."""
    blocks = [_HEAD]
    for content in pages(results):
        blocks += [_tabular(table) for table in content.tables]
        notes = [rf"{{\footnotesize {_escape(text)}\par}}" for text in content.sentences]
        blocks.append("\n\n".join(notes))
        fields = _escape(content.signature).replace(_ESCAPES["|"], rf"{_ESCAPES['|']}\allowbreak ")
        blocks.append(rf"{{\raggedright\footnotesize\ttfamily {fields}\par}}")
    return ("\n\n".join([*blocks, r"\cmpnetend"]) + "\n").encode()


def _tabular(table: Table) -> str:
    names = table.text_columns
    columns = "l" * names + "r" * (len(table.headings) - names)
    titles = [rf"{{\bfseries {_escape(line)}\par}}" for line in table.title.splitlines()]
    heading, *rows = [
        " & ".join(map(_escape, cells)) + r" \\"
        for cells in (table.headings, *(row.cells for row in table.rows))
    ]
    start = [r"\smallskip", rf"\begin{{tabular}}{{{columns}}}", r"\hline", heading, r"\hline"]
    end = [r"\hline", r"\end{tabular}", r"\par\bigskip"]
    return "\n".join([*titles, *start, *rows, *end])


def _escape(text: str) -> str:
    r"""Text as LaTeX source; a letter that plain LaTeX lacks becomes its code.

    >>> _escape("50 % of a_b [-1.5] é λ")
    '50 \\% of a\\_b {[}$-$1.5{]} é U+03BB'
    """
    text = "".join(_ESCAPES.get(letter) or _letter(letter) for letter in text)
    return re.sub(r"(?<!\w)-(?=\d)", "$-$", text)


def _letter(letter: str) -> str:
    accented = "À" <= letter <= "ÿ" and unicodedata.decomposition(letter)
    return letter if letter.isascii() or accented else f"U+{ord(letter):04X}"
