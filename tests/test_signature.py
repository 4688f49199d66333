"""The line under a table that tells whether two tables can be compared number by number."""

from __future__ import annotations

from dataclasses import replace

from cmpnet import TrainConfig
from cmpnet.output.html import results_html
from cmpnet.output.json_export import document
from cmpnet.output.latex_export import to_latex
from cmpnet.output.markdown_export import to_markdown
from cmpnet.output.signature import mixed_note, signature, wrapped
from cmpnet.output.table_data import pages
from cmpnet.output.terminal import results_text
from tests.helpers import arm_results, results_of

CODE = {
    "cmpnet": "0.1.0+ab12cd34ef56",
    "torch": "2.13.0+cpu",
    "numpy": "2.4.6",
    "numerics": "torch-bd2bcb76ea08",
}
DATA = "1b2c3d4e" + "0" * 56
ARM = arm_results("ws", [100, 110, 120], data=DATA, code=CODE)
LINE = (
    "cmpnet-0.1.0|task=digit-pairs|pairs=1000|epochs=25|seeds=0-2|data=1b2c3d4e|"
    "code=cmpnet+ab12cd|torch=2.13.0+cpu|numpy=2.4.6|numerics=torch-bd2bcb76ea08"
)


def test_it_names_protocol_seeds_data_code_and_arithmetic() -> None:
    assert signature([ARM]) == LINE
    assert signature([ARM, ARM.labelled("other")]) == LINE
    assert mixed_note([ARM, ARM.labelled("other")]) == ""


def test_what_the_arms_do_not_share_is_mixed_and_a_note_says_what() -> None:
    other = arm_results("new", [90, 80], epochs=1, data=DATA, code={**CODE, "torch": "2.14.0"})
    line = signature([ARM, other])
    assert "|epochs=mixed|seeds=mixed|data=1b2c3d4e|" in line
    assert "|torch=mixed|numpy=2.4.6|" in line
    assert mixed_note([ARM, other]) == (
        "Mixed in this table: epochs 25 (ws), 1 (new); seeds 0-2 (ws), 0-1 (new); "
        "torch 2.13.0+cpu (ws), 2.14.0 (new)."
    )
    assert mixed_note([ARM, other]) in pages(results_of([ARM, other]))[0].notes


def test_code_that_only_some_arms_need_is_not_mixed() -> None:
    code = {**CODE, "mini": "1.0+cd34cd34cd34", "numerics": "mini-0123456789ab"}
    line = signature([ARM, replace(arm_results("m", [1, 2, 3], data=DATA), code=code)])
    assert "|code=cmpnet+ab12cd,mini+cd34cd|" in line
    assert line.endswith("|numerics=torch-bd2bcb76ea08,mini-0123456789ab")
    edited = replace(ARM.labelled("b"), code={**CODE, "cmpnet": "0.1.0+999999999999"})
    assert signature([ARM, edited]).startswith("cmpnet-0.1.0|")
    assert "|code=cmpnet+mixed|" in signature([ARM, edited])


def test_a_setting_that_a_call_has_overridden_is_part_of_it() -> None:
    key = replace(ARM.key, config=TrainConfig(lr=0.05))
    slow = replace(ARM, key=key, recipe=TrainConfig())
    assert "|epochs=25|lr=0.05|seeds" in signature([slow])
    assert "|lr=mixed|" in signature([slow, ARM.labelled("other")])


def test_it_has_no_path_blank_or_second_line() -> None:
    options = {**ARM.key.task_options, "data_dir": "/home/me", "text": "a b|c\nd"}
    odd = replace(ARM, key=replace(ARM.key, task_options=options))
    assert "|text=a_b_c_d|" in signature([odd])
    assert "home" not in signature([odd])


def test_results_without_provenance_have_one_too() -> None:
    bare = "cmpnet|task=digit-pairs|pairs=1000|epochs=25|seeds=0"
    assert signature([arm_results("a", [1])]) == bare


def test_it_wraps_between_its_fields() -> None:
    lines = wrapped(LINE, 60)
    assert "".join(lines) == LINE
    assert len(lines) == 3
    assert all(len(line) <= 60 for line in lines)
    assert all(line.endswith("|") for line in lines[:-1])


def test_every_format_has_it() -> None:
    results = results_of([ARM, arm_results("b", [90, 80, 70], data=DATA, code=CODE)])
    assert results_text(results).splitlines()[-1] == LINE
    assert f"`{LINE}`" in to_markdown(results).decode()
    assert LINE in results_html(results).replace("<wbr/>", "")
    assert document(results)["signatures"] == [LINE]
    latex = to_latex(results).decode()
    assert r"task=digit-pairs\textbar{}\allowbreak pairs=1000" in latex
