"""The page that ``cmpnet report`` writes, read in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import cmpnet
from cmpnet.output.page import to_html
from tests.browser import CHROMIUM, browser
from tests.helpers import QUICK, arm_results, call, results_of

BASE = arm_results("baseline", [180, 190, 185, 178, 192])
WS = arm_results("ws<script>alert(1)</script>", [60, 55, 58, 61, 57])


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_shows_its_numbers_sorts_them_and_asks_the_network_for_nothing(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(to_html(results_of([BASE, WS])))
    with browser(tmp_path / "profile") as chromium:
        chromium.open(page)
        verdict = chromium.run("document.querySelector('.verdict').textContent")
        assert verdict.startswith("ws<script>alert(1)</script> is best: 5.82 % ± 0.24")
        column = (
            "[...document.querySelectorAll('.sortable tbody tr')]"
            ".map(row => Number(row.cells[4].textContent))"
        )
        shown = chromium.run(column)
        assert shown == [18.0, 19.0, 18.5, 17.8, 19.2, 6.0, 5.5, 5.8, 6.1, 5.7]
        click = "document.querySelectorAll('.sortable th button')[4].click()"
        chromium.run(click)
        assert chromium.run(column) == sorted(shown)
        chromium.run(click)
        assert chromium.run(column) == sorted(shown, reverse=True)
        pictures = []
        for theme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": theme}
            chromium.call("Emulation.setEmulatedMedia", features=[feature])
            pictures.append(chromium.screenshot())
            paper = chromium.run("getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, re.findall(r"\d+", paper))) > 380) == (theme == "light")
        assert pictures[0] != pictures[1]
        phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        chromium.call("Emulation.setDeviceMetricsOverride", **phone)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert chromium.run(wide) == 0, "nothing but the tables scrolls sideways"
        assert chromium.run("[...document.images].every(one => one.complete && one.alt)")
        methods = [event["method"] for event in chromium.events]
        assert not {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"} & {
            *methods
        }
        urls = [
            event["params"]["request"]["url"]
            for event in chromium.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        assert {url.partition(":")[0] for url in urls} <= {"file", "data"}
        assert sum(url.startswith("file:") for url in urls) == 1


def test_it_is_one_file_that_names_everything_and_escapes_what_it_shows() -> None:
    text = to_html(replace(results_of([BASE, WS]), source="run 1")).decode()
    assert "<script>alert" not in text
    assert not re.search(r"""(src|href)=["']?https?:""", text)
    assert text.count("<h1>") == 1
    assert '<html lang="en">' in text
    assert "Signature" in text
    assert text.count("data:image/svg+xml;base64,") >= 2


def test_report_writes_the_last_bench_and_refuses_another_ending(tmp_path: Path) -> None:
    assert call("bench", "ws", "baseline", "--repeats", "2", *QUICK, "--no-plot").returncode == 0
    page = tmp_path / "page.html"
    done = call("report", str(page))
    assert done.returncode == 0, done.stderr
    (first, second) = cmpnet.load().arms
    for arm in (first, second):
        assert f'<th scope="row">{arm.label}</th>' in page.read_text()
    assert call("report", "page.txt").returncode == 2
    assert call("report", "other.html", "nothing").returncode == 2
    assert not Path("other.html").exists()
