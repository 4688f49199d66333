"""Results as a value: summary, comparisons, claims, pictures, files, records and data frames."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import cmpnet
from cmpnet import CmpnetError, Results, Section
from cmpnet.analysis.claims import Claim
from cmpnet.output.terminal import console, print_results
from cmpnet.results import pairs_with
from tests.helpers import arm_results, results_of, section_of

A, B, C = (
    arm_results("a", [100, 110, 120, None]),
    arm_results("b[x=1]", [60, 70, 90, 80], reported={"test_error": 0.08}),
    arm_results("c", [105, 100, 130, 140], stored=4),
)
RESULTS = results_of([A, B, C], title="Three networks")
CLAIMS = (
    Claim("b is better", one="b[x=1]", other="a"),
    Claim("a is below 0.5 %", one="a", other=0.005),
)


def claiming() -> Results:
    """Results of a suite that claims something."""
    section = replace(RESULTS.sections[0], suite="mine", claims=CLAIMS)
    return Results(sections=(section,), provenance={"cmpnet": "0.1.0"})


# -- numbers --------------------------------------------------------------------------------------


def test_summary_has_the_numbers_of_each_arm_as_fractions() -> None:
    summary = RESULTS.summary()
    assert list(summary) == ["a", "b[x=1]", "c"]
    assert (summary["a"].n, summary["b[x=1]"].n) == (3, 4), "without the repeat that diverged"
    assert summary["a"].mean == pytest.approx(0.11)
    assert summary["b[x=1]"].sd == pytest.approx(statistics.stdev([0.06, 0.07, 0.09, 0.08]))
    assert summary["c"].range == pytest.approx((0.1, 0.14))


def test_compare_takes_another_reference_without_changing_the_results() -> None:
    assert [(row.arm, row.reference) for row in RESULTS.compare()] == [("b[x=1]", "a"), ("c", "a")]
    assert [(row.arm, row.reference) for row in RESULTS.compare("b")] == [
        ("a", "b[x=1]"),
        ("c", "b[x=1]"),
    ]
    (ab, _), (ba, _) = RESULTS.compare(), RESULTS.compare("b[x=1]")
    assert ab.comparison.n == ba.comparison.n == 3
    assert ab.comparison.difference == pytest.approx(-0.11 + 0.22 / 3)
    assert ba.comparison.difference == -ab.comparison.difference
    assert [row.reference for row in RESULTS.compare()] == ["a", "a"]


def test_results_against_another_reference_render_it() -> None:
    assert "against a, paired" in str(RESULTS)
    assert "against c, paired" in str(RESULTS.against("c"))
    assert RESULTS.against("c").arms == RESULTS.arms


def test_a_reference_that_is_no_arm_or_several_is_refused() -> None:
    two = results_of([A, B, arm_results("b[x=2]", [1, 2, 3, 4])])
    with pytest.raises(CmpnetError, match="There is no arm 'bb' to compare with"):
        RESULTS.compare("bb")
    with pytest.raises(CmpnetError, match=r"'b' matches several arms: b\[x=1\], b\[x=2\]"):
        two.compare("b")


def test_a_reference_applies_to_the_sections_that_have_it() -> None:
    results = Results(sections=(section_of([A, B]), section_of([B, C])))
    rows = results.compare("c")
    assert [(row.arm, row.reference) for row in rows] == [("b[x=1]", "a"), ("b[x=1]", "c")]


def test_an_arm_of_several_sections_is_counted_once() -> None:
    results = Results(sections=(section_of([A, B]), section_of([A.labelled("base"), C])))
    assert [arm.label for arm in results.arms] == ["a", "b[x=1]", "c"]
    assert len(results.to_records()) == 12


def test_claims_are_decided_by_the_results() -> None:
    first, second = claiming().claims
    assert (first.claim.says, first.verdict) == ("b is better", "holds")
    assert first.comparison.difference == pytest.approx(-0.11 + 0.22 / 3)
    assert second.verdict == "does not hold"
    assert first.comparison.n == second.comparison.n == 3
    assert RESULTS.claims == []


def test_everything_on_one_screen_is_decided_together_and_what_is_asked_twice_counts_once() -> None:
    assert [table.count for table in RESULTS.decisions] == [2]
    assert [table.count for table in claiming().decisions] == [3]
    twice = Results(sections=(*RESULTS.sections, *claiming().sections, section_of([C, A])))
    assert [table.count for table in twice.decisions] == [3, 3, 3]
    (alone,), (of_three, *_) = results_of([A, B]).compare(), twice.compare()
    assert alone.comparison.interval is not None
    assert of_three.comparison.interval is not None
    assert of_three.comparison.interval[0] < alone.comparison.interval[0]


def test_results_are_until_decided_if_an_arm_is() -> None:
    assert not RESULTS.until_decided
    assert results_of([A, replace(B, until_decided=True)]).until_decided


def test_advice_says_what_to_be_careful_with_once() -> None:
    warned = replace(RESULTS, warnings=("Mind the gap.", "Mind the gap."))
    advice = warned.advice()
    assert advice.count("Mind the gap.") == 1
    assert any(
        sentence.startswith("a: 3 of 4 repeats succeeded (seed 3 dive") for sentence in advice
    )


def test_failed_says_whether_a_repeat_failed_or_diverged() -> None:
    assert RESULTS.failed
    assert not results_of([B, C]).failed


# -- text and HTML --------------------------------------------------------------------------------


def test_the_text_of_results_is_the_table() -> None:
    text = str(claiming())
    assert text.splitlines()[0].rstrip() == "Three networks"
    for cell in ("3 of 4", "11.00 ± 1.00", "7.50 ± 1.29", "  reported"):
        assert cell in text
    assert "b is better: holds, -3.67 points" in text
    assert "seed 3, diverged: the loss was no longer finite" in text
    assert "\x1b" not in text
    assert not text.endswith("\n")


def test_the_text_is_what_the_command_line_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print_results(claiming(), console())
    printed = capsys.readouterr().out.rstrip("\n").splitlines()
    assert [line.rstrip() for line in printed] == str(claiming()).splitlines()
    print(claiming())
    assert capsys.readouterr().out == f"{claiming()}\n"


def test_the_text_has_no_escape_codes_whatever_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = str(RESULTS)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert str(RESULTS) == plain


class Cells(HTMLParser):
    """Text of every cell, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_shows_the_tables_and_escapes_labels_and_titles() -> None:
    nasty = arm_results("<script>alert('x')</script>&", [100, 120])
    results = results_of([A, nasty], title="a < b\n<b>bold</b>")
    cells = Cells()
    cells.feed(results._repr_html_())
    assert {"table", "tr", "td", "th", "caption"} <= set(cells.tags)
    assert not {"script", "b"} & set(cells.tags)
    assert nasty.label in cells.texts
    assert "<b>bold</b>" in cells.texts
    assert "11.00 ± 1.00" in cells.texts


# -- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["compare", "box"])
def test_a_plot_is_text_in_a_terminal(kind: str) -> None:
    text = str(RESULTS.plot(kind))
    assert "b[x=1]" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert repr(RESULTS.plot(kind)) == text


def test_a_plot_is_svg_in_a_notebook_and_a_file() -> None:
    plot = RESULTS.plot("compare")
    svg = plot._repr_svg_()
    assert svg is not None
    assert svg.lstrip().startswith("<?xml")
    assert "</svg>" in svg
    plot.save("x.svg")
    assert "</svg>" in Path("x.svg").read_text()


def test_a_plot_that_does_not_exist_or_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(
        CmpnetError, match=r"There is no picture 'compaer'\. Did you mean 'compare'"
    ):
        RESULTS.plot("compaer")
    with pytest.raises(CmpnetError, match="None of these arms has the option alpha"):
        RESULTS.plot("alpha")


# -- files ----------------------------------------------------------------------------------------


def test_a_json_file_is_loaded_as_the_same_results() -> None:
    claiming().save("x.json")
    loaded = cmpnet.load("x.json")
    assert loaded.source == "x.json"
    for arm, expected in zip(loaded.arms, RESULTS.arms, strict=True):
        assert (arm.label, arm.key) == (expected.label, expected.key.portable())
        assert arm.repeats == expected.repeats
    assert loaded.summary() == RESULTS.summary()
    assert loaded.compare() == RESULTS.compare()
    content = json.loads(Path("x.json").read_text())
    assert [claim["verdict"] for claim in content["claims"]] == ["holds", "does not hold"]
    assert content["provenance"] == {"cmpnet": "0.1.0"}


def test_every_format_is_written_by_the_ending_of_the_name() -> None:
    for suffix, start in (
        ("json", '{\n "schema": 1'),
        ("csv", "arm,architecture,loss,task,epochs"),
        ("md", "**Three networks**"),
        ("tex", "\\documentclass"),
    ):
        RESULTS.save(f"x.{suffix}")
        RESULTS.save(Path(f"Y.{suffix.upper()}"))
        content = Path(f"x.{suffix}").read_text()
        assert content.startswith(start) or start in content
        assert Path(f"Y.{suffix.upper()}").read_text() == content
        assert "x=1" in content


def test_an_unknown_ending_and_a_folder_that_cannot_be_written_are_refused() -> None:
    for name in ("x.txt", "x", "-"):
        with pytest.raises(ValueError, match=r"must end in \.csv, \.json, \.md, \.tex"):
            RESULTS.save(name)
    with pytest.raises(OSError, match=r"Cannot write the results 'nowhere/x\.json'"):
        RESULTS.save("nowhere/x.json")
    assert not list(Path().iterdir())


# -- records and data frames ----------------------------------------------------------------------


def test_records_are_one_flat_dictionary_per_repeat() -> None:
    records = RESULTS.to_records()
    assert [(r["arm"], r["seed"]) for r in records] == [
        (label, seed) for label in ("a", "b[x=1]", "c") for seed in range(4)
    ]
    assert len({tuple(record) for record in records}) == 1, "the same keys in the same order"
    first, diverged = records[0], records[3]
    assert (first["test_error"], first["error_count"], first["task.pairs"]) == (0.1, 100, 1000)
    assert (diverged["status"], diverged["test_error"]) == ("diverged", None)
    assert not [v for record in records for v in record.values() if isinstance(v, dict | list)]


def test_a_data_frame_has_the_records_as_rows() -> None:
    import pandas

    frame = RESULTS.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.shape == (12, len(RESULTS.to_records()[0]))
    assert frame.groupby("arm")["test_error"].mean().to_dict() == pytest.approx(
        {label: summary.mean for label, summary in RESULTS.summary().items()}
    )
    RESULTS.save("x.csv")
    rows = list(csv.DictReader(io.StringIO(Path("x.csv").read_text())))
    assert [float(row["test_error"] or "nan") for row in rows] == pytest.approx(
        frame["test_error"].tolist(), nan_ok=True
    )


def test_without_pandas_the_records_are_named_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas, or use to_records") as caught:
        RESULTS.to_pandas()
    assert isinstance(caught.value, CmpnetError)
    assert RESULTS.to_records()


# -- the value itself -----------------------------------------------------------------------------


def test_results_cannot_be_changed() -> None:
    for value, field in (
        (RESULTS, "sections"),
        (RESULTS.sections[0], "title"),
        (RESULTS.arms[0], "repeats"),
        (RESULTS.arms[0].repeats[0], "test_error"),
    ):
        with pytest.raises(AttributeError, match=f"cannot assign to field '{field}'"):
            setattr(value, field, None)


def test_equal_results_are_equal_values() -> None:
    assert results_of([A, B]) == results_of([A, B])
    assert results_of([A, B]) != results_of([B, A])
    relabelled = A.labelled("another name")
    assert relabelled == A, "a label takes no part in equality"


def test_repeats_are_listed_in_the_order_of_their_seeds() -> None:
    shuffled = replace(A, repeats=dict(reversed(A.repeats.items())))
    assert shuffled.test_errors() == A.test_errors() == [0.1, 0.11, 0.12]
    assert [repeat.seed for repeat in shuffled.ok()] == [0, 1, 2]


def test_a_section_of_one_arm_has_nothing_to_compare() -> None:
    alone = Results(sections=(Section(arms=(B,), pairs=pairs_with(1), title="alone"),))
    assert alone.compare() == []
    assert not re.search("against", str(alone))
