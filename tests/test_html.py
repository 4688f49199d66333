"""Results in a notebook: the tables as well-formed HTML."""

from __future__ import annotations

from xml.etree import ElementTree

from cmpnet.output.html import results_html
from tests.helpers import arm_results, results_of

NASTY = "<script>alert('a & b')</script>"


def test_every_table_has_all_cells_and_the_notes_are_a_list() -> None:
    arms = [
        arm_results("a", [100, 110, 120], reported={"test_error": 0.2}),
        arm_results(NASTY, [9]),
    ]
    html = results_html(results_of(arms, title="first line\nsecond <line>"))
    assert "<script>" not in html
    root = ElementTree.fromstring(html)
    errors, spread, comparison = root.findall("table")
    caption = errors.find("caption")
    assert caption is not None
    assert list(caption.itertext()) == ["first line", "second <line>"]
    for table in (errors, spread, comparison):
        widths = {len(row) for row in table.iter("tr")}
        assert len(widths) == 1
    cells = [["".join(cell.itertext()) for cell in row] for row in errors.iter("tr")]
    assert [row[0] for row in cells] == ["Arm", "a", "  reported", NASTY]
    assert cells[1][4] == "11.00 ± 1.00"
    assert len(root.findall("ul/li")) > 2


def test_no_colour_is_fixed_so_that_light_and_dark_pages_work() -> None:
    html = results_html(results_of([arm_results("a", [1])]))
    assert "color" not in html
    assert "background" not in html
