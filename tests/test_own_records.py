"""Tasks, suites and executors in a file of the user's own, wherever a name is looked up."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

import cmpnet
from cmpnet import suites
from cmpnet.errors import CmpnetError
from cmpnet.registry import Registry
from tests.helpers import call

CODE = """
import cmpnet, numpy as np
from torch import nn

def load(seed: int, *, points: int = 60) -> cmpnet.Data:
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(2):
        x = rng.normal(size=(points, 2)).astype(np.float32)
        parts.append(cmpnet.Split(x, {"side": (x[:, 0] > 0).astype(np.int64)}))
    return cmpnet.Data(*parts)

SIDES = cmpnet.Task(
    name="sides", summary="which side?", load=load,
    wrong=lambda output, targets: output["scores"].argmax(-1) != targets["side"],
    fingerprint=lambda **options: "sides-1",
    name_outputs=lambda output: {"scores": output}, outputs={"scores": (2,)})

def side_loss(output, batch):
    return nn.functional.cross_entropy(output["scores"], batch["side"])

class MyNet(nn.Module):
    task, loss = "sides", "side_loss"
    def __init__(self, data: cmpnet.DataInfo, width=4):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(data.shape[0], width), nn.Tanh(), nn.Linear(width, 2))
    def forward(self, x):
        return self.body(x)

class InTurn:
    def __init__(self, workers):
        self.workers = 1
    def run(self, work, jobs):
        for job in jobs:
            print("in turn", len(job.seeds))
            for message in work(job):
                yield job, message

WIDTHS = cmpnet.Suite(
    name="widths", title="Does width help?",
    arm=["mine.py:MyNet", {"arm": "mine.py:MyNet[width=9]", "reported": {"test_error": 0.1}}],
    claim=[{"says": "it does", "lower": "mine.py:MyNet[width=9]", "than": "mine.py:MyNet"}])
"""
FILE = "nets/mine.py"
FEW = ("--repeats", "2", "--epochs", "2", "--no-plot")


@pytest.fixture(autouse=True)
def _file() -> None:
    Path("nets").mkdir()
    Path(FILE).write_text(CODE)


def test_a_file_may_hold_a_task_with_its_network_loss_suite_and_executor() -> None:
    run = ("bench", "--suite", f"{FILE}:WIDTHS", "--executor", f"{FILE}:InTurn", *FEW)
    done = call(*run, "--full")
    assert done.returncode == 0, done.stderr
    assert "Does width help?" in done.stdout
    assert "it does: not judged (2 of 25 epochs" in done.stdout
    assert "|task=mine.py:sides|points=60|" in done.stdout
    # The suite is called by its name, too; workers find what the file has by themselves.
    again = cmpnet.bench(suite="widths", plugins=[FILE], epochs=2, repeats=2, fresh=True, workers=2)
    assert [arm.label for arm in again.arms] == ["mine.py:MyNet", "mine.py:MyNet[width=9]"]
    first = cmpnet.load("mine.py:MyNet", plugins=[FILE]).arms[0]
    assert first.task is not None
    assert again.arms[0].repeats[0].curves == first.repeats[0].curves
    assert again.arms[1].reported is None, "25 epochs are reported, not 2"


def test_every_command_takes_a_file_whose_names_it_looks_up() -> None:
    save = ("--save", "net.safetensors", "--export-json", "out.json", "--no-plot")
    assert call("train", f"{FILE}:MyNet", "--epochs=1", *save).returncode == 0
    for command in (
        ("show", "sides"),
        ("show", "widths"),
        ("list",),
        ("evaluate", "net.safetensors"),
        ("plot", "errors", "mine.py:MyNet"),
        ("reproduce", "out.json", "--executor", f"{FILE}:InTurn"),
    ):
        done = call(*command, "--plugin", FILE)
        assert done.returncode == 0, (command, done.stderr)
    assert "bit-identical for seed 0" in done.stdout
    done = call("reproduce", "out.json")
    assert done.returncode == 1
    assert "There is no file 'mine.py'" in done.stdout
    assert "--plugin PATH/mine.py" in done.stdout
    assert json.loads(Path("out.json").read_text())["arms"][0]["task"] == "mine.py:sides"


def test_a_suite_file_names_the_python_file_beside_it() -> None:
    Path("nets/beside.toml").write_text('title = "beside"\n[[arm]]\narm = "mine.py:MyNet"\n')
    results = cmpnet.bench(suite="nets/beside.toml", epochs=1, repeats=1)
    assert [arm.label for arm in results.arms] == ["mine.py:MyNet"]
    assert results.arms[0].repeats[0].status == "ok"


def test_python_takes_a_suite_as_a_record() -> None:
    suite = cmpnet.Suite(name="mine", title="t", arm=[{"arm": "baseline", "title": "Base"}])
    results = cmpnet.bench(suite=suite, epochs=1, pairs=20, repeats=1)
    assert [(arm.label, arm.display) for arm in results.arms] == [("baseline", "Base")]
    with pytest.raises(CmpnetError, match="--suite mine names its own arms; leave out ws"):
        cmpnet.bench("ws", suite=suite)
    with pytest.raises(CmpnetError, match="Suite 'mine' cannot be used: it has no 'arm'"):
        cmpnet.bench(suite=cmpnet.Suite(name="mine", title="t"))


def test_names_that_a_file_lacks_are_a_sentence() -> None:
    for name, sentence in {
        f"{FILE}:WIDHTS": "'mine.py' has no 'WIDHTS'. Did you mean 'WIDTHS'? Its suites: WIDTHS.",
        f"{FILE}:MyNet": "'MyNet' in 'mine.py' is a network; give a cmpnet.Suite.",
    }.items():
        with pytest.raises(CmpnetError) as caught:
            suites.load(Registry(), name)
        assert str(caught.value) == sentence
    for name, sentence in {
        f"{FILE}:InTrun": "'mine.py' has no 'InTrun'. Did you mean 'InTurn'? Its executors",
        f"{FILE}:MyNet": "is a network; give a class with a method run(work, jobs).",
        "nowhere.py:InTurn": "There is no file 'nowhere.py'.",
    }.items():
        with pytest.raises(CmpnetError) as caught:
            Registry().executor(name)
        assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ('title="t"', "it has no 'arm'; it must have one or more tables [[arm]]"),
        ('title="", arm=["ws"]', "it has no 'title'; it must be a line of text"),
        ('title="t", arm="ws"', "'arm' is 'ws'; it must be a list, each item a table"),
        ('title="t", arm=[3]', "'arm' 1 is 3; it must be a table"),
        ('title="t", arm=["ws"], claim=[{"says": "x"}]', "'claim' 1 has none of 'lower'"),
        ('title="t", arm=["ws"], claim=3', "'claim' is 3; it must be a list, each item a table"),
        ('title="t", arm=["wss"]', "'arm' 1: There is no architecture 'wss'. Did you mean 'ws'?"),
        (
            'title="t", arm=["ws"], api_version=1',
            "it is made for version 1 of the plugin",
        ),
    ],
)
def test_a_wrong_suite_in_a_file_names_the_file_and_the_field(fields: str, sentence: str) -> None:
    Path("mine.py").write_text(
        textwrap.dedent(f"import cmpnet\nS = cmpnet.Suite(name='own', {fields})\n")
    )
    with pytest.raises(CmpnetError) as caught:
        suites.check(Registry(), "mine.py:S")
    assert "'own' of mine.py" in str(caught.value)
    assert sentence in str(caught.value)
