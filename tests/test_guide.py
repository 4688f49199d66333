"""The author's guide: each snippet runs as it stands, and its tables are those of the records."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import cmpnet
from cmpnet import testing
from tests.helpers import ROOT, call, install, variables
from tools import guide

TEXT = guide.GUIDE.read_text()
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECORDS = ("Architecture", "Loss", "Task", "Data", "Split", "DataInfo", "Measure", "TrainConfig")
RECORDS += ("Metric", "Optimizer", "Schedule", "Augmentation")


@dataclass(frozen=True)
class Section:
    """One heading of the guide."""

    title: str
    text: str

    @property
    def blocks(self) -> list[tuple[str, str, str]]:
        """Language, file and content of each block of code."""
        return BLOCK.findall(self.text)


_PIECES = re.split(r"^## (.*)$", TEXT, flags=re.MULTILINE)
SECTIONS = [Section(*pair) for pair in zip(_PIECES[1::2], _PIECES[2::2], strict=True)]


def steps(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with its output, in which ``...`` stands for anything."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints. Benches are the same with one short repeat."""
    program, *arguments = shlex.split(command)
    if program == "pip":
        home = Path(arguments[-1]).absolute()
        install(home, home.name, (home / "pyproject.toml").read_text())
        monkeypatch.syspath_prepend(str(home))
        return ""
    if program == "pytest":
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.", *arguments],
            env=variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout
    assert program == "cmpnet"
    if arguments[0] in ("train", "bench"):
        repeats = ["--repeats", "1"] if arguments[0] == "bench" else []
        arguments = shlex.split(re.sub(r" --repeats \d+", "", shlex.join(arguments)))
        arguments += ["--epochs", "1", "--no-plot", *repeats]
    return call(*arguments).output


QUICK = ("Your first network", "Networks", "Metrics", "A package")  # all take two minutes


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(s, marks=[] if s.title in QUICK else pytest.mark.slow, id=s.title)
        for s in SECTIONS
        if s.blocks
    ],
)
def test_its_snippets_run_and_print_what_it_shows(
    section: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, file, content in section.blocks:
        if language == "console":
            for command, expected in steps(content):
                output = " ".join(run(command, monkeypatch).split())
                pattern = re.escape(" ".join(" ".join(expected).split()))
                pattern = re.sub(r"(\\ )?\\\.\\\.\\\.(\\ )?", ".*", pattern)
                assert re.fullmatch(f"{pattern}.*", output), (command, output)
        else:
            assert file, f"a block of {section.title} has no file name"
            Path(file).write_text(content)


def test_its_tables_are_those_of_the_records() -> None:
    assert guide.regenerated(TEXT) == TEXT, "run 'make guide'"
    for name in RECORDS:
        assert f"<!-- fields {name} -->" in TEXT


def test_it_imports_public_names_alone() -> None:
    sources = [content for language, _, content in BLOCK.findall(TEXT) if language == "python"]
    sources += [path.read_text() for path in (ROOT / "cmpnet" / "scaffolds").glob("*.txt")]
    imported = set()
    for source in sources:
        for line in re.findall(r"^(?:from|import) cmpnet.*", source, re.MULTILINE):
            (node,) = ast.parse(line).body
            assert isinstance(node, ast.ImportFrom), line
            imported |= {(node.module, alias.name) for alias in node.names}
    public = {("cmpnet", name) for name in cmpnet.__all__}
    public |= {("cmpnet.testing", name) for name in vars(testing) if name.startswith("check_")}
    assert imported <= public
    assert ("cmpnet", "Lost") in imported


def test_its_links_lead_somewhere() -> None:
    titles = re.findall(r"^##+ (.*)$", TEXT, re.MULTILINE)
    anchors = {title.lower().replace(" ", "-").replace(",", "") for title in titles}
    for link in re.findall(r"\]\(([^)]*)\)", TEXT):
        path, _, anchor = link.partition("#")
        if path and not path.startswith("https:"):
            assert (guide.GUIDE.parent / path).exists(), link
        elif not path:
            assert anchor in anchors, link
