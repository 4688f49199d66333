"""Results for others: a row a repeat as CSV, the printed tables as Markdown and LaTeX."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from cmpnet.bench import ArmResults
from cmpnet.output.export import options_of, raw
from cmpnet.output.sheets import Page, Row, Sheet
from cmpnet.spec import Arm, RepeatResult

# -- CSV ------------------------------------------------------------------------------------------

_LISTS = ("curves", "mistakes", "details")  # of a repeat; they are in the JSON


def to_csv(results: Sequence[ArmResults]) -> bytes:
    """Every single number of every repeat, a row each; errors are fractions, times seconds.

    An option has a column of its own, named after its part ("loss.alpha"), which is empty for arms
    that do not have it.
    """
    scalars = [field.name for field in fields(RepeatResult) if field.name not in _LISTS]
    described = [_described(arm.arm) for arm in results]
    options = sorted({name for row in described for name in row if "." in name})
    plain = [name for name in (described[0] if described else ()) if "." not in name]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*plain, *options, "data_sha256", *scalars], lineterminator="\n")
    writer.writeheader()
    for arm, row in zip(results, described, strict=True):
        for _, repeat in sorted(arm.repeats.items()):
            numbers = raw(repeat)
            kept = {name: numbers[name] for name in scalars}
            writer.writerow({**row, "data_sha256": arm.data, **kept})
    return out.getvalue().encode()


def _described(arm: Arm) -> dict[str, Any]:
    """An arm as columns."""
    return {
        "arm": arm.label,
        "architecture": arm.architecture,
        "loss": arm.loss,
        "task": arm.task,
        **asdict(arm.config),
        **{
            f"{part}.{name}": value
            for part, options in options_of(arm).items()
            for name, value in options.items()
        },
    }


# -- Markdown -------------------------------------------------------------------------------------


def to_markdown(pages: Iterable[Page]) -> bytes:
    """The printed tables with their titles and notes, as GitHub shows them."""
    blocks = []
    for page in pages:
        for sheet in page.sheets:
            titles = [_marked(line) for line in sheet.title.splitlines()]
            blocks.append("  \n".join(f"**{line}**" for line in titles))
            blocks.append(_grid(sheet))
        blocks.append("\n".join(f"- {_marked(note)}" for note in _said(page)))
    return ("\n\n".join(filter(None, blocks)) + "\n").encode()


def _said(page: Page) -> list[str]:
    return [line.strip() for line in (*page.notes, *page.claims) if line.strip()]


def _grid(sheet: Sheet) -> str:
    ruler = ["---" if n < sheet.texts else "---:" for n in range(len(sheet.headings))]
    rows = [[_marked(cell) for cell in row.cells] for row in (Row(sheet.headings), *sheet.rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (rows[0], ruler, *rows[1:]))


def _marked(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> _marked("ws[a=1] 2 of 3 a_b|c *~")
    'ws\\[a=1\\] 2 of 3 a\\_b\\|c \\*\\~'
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text.replace("\n", " "))


# -- LaTeX ----------------------------------------------------------------------------------------

# The file is a document of its own, and a part of another one where that has begun: from then on
# \documentclass is LaTeX's \@notprerr ("can be used only in preamble").
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

_LATEX = {
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
    "[": "{[}",  # a row that begins with one would be an argument of the line break before it
    "]": "{]}",
}


def to_latex(pages: Iterable[Page]) -> bytes:
    """The printed tables as one LaTeX file that compiles alone and inside a document."""
    blocks = []
    for page in pages:
        blocks += [_tabular(sheet) for sheet in page.sheets]
        blocks.append(
            "\n\n".join(rf"{{\footnotesize {_escaped(note)}\par}}" for note in _said(page))
        )
    return (_HEAD + "\n" + "\n\n".join(blocks) + "\n\n\\cmpnetend\n").encode()


def _tabular(sheet: Sheet) -> str:
    columns = "l" * sheet.texts + "r" * (len(sheet.headings) - sheet.texts)
    lines = [rf"{{\bfseries {_escaped(line)}\par}}" for line in sheet.title.splitlines()]
    lines += [r"\smallskip", rf"\begin{{tabular}}{{{columns}}}", r"\hline"]
    rows = [" & ".join(map(_escaped, row.cells)) + r" \\" for row in sheet.rows]
    lines += [" & ".join(map(_escaped, sheet.headings)) + r" \\", r"\hline", *rows]
    return "\n".join([*lines, r"\hline", r"\end{tabular}", r"\par\bigskip"])


def _escaped(text: str) -> str:
    r"""Text as LaTeX source; a letter that plain LaTeX lacks is given as its code.

    >>> _escaped("50 % of a_b [-1.5] é λ")
    '50 \\% of a\\_b {[}$-$1.5{]} é U+03BB'
    """
    text = "".join(_LATEX.get(letter) or _letter(letter) for letter in text)
    return re.sub(r"(?<!\w)-(?=\d)", "$-$", text)


def _letter(letter: str) -> str:
    accented = "À" <= letter <= "ÿ" and unicodedata.decomposition(letter)
    return letter if letter.isascii() or accented else f"U+{ord(letter):04X}"
