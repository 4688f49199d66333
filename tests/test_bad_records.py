"""Records that cannot work, in a file of the user's own: each is refused with a sentence."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import cmpnet
from cmpnet.errors import CmpnetError
from cmpnet.registry import Registry
from tests.helpers import make_plugin

CODE = """
import torch
from cmpnet import Architecture, Augmentation, Loss, Metric, Optimizer, Schedule, TrainConfig

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Linear(392, 2)

    def forward(self, x):
        return {"verdict": self.body(x.flatten(1))}

def build(*, width: int = 4):
    return Net()

def a_net(**fields):
    return Architecture(**{"name": "net", "summary": "", "build": build, "task": "digit-pairs",
                           "outputs": {"verdict": (2,)}, "loss": "ce", **fields})

def mean(output, batch):
    return torch.nn.functional.cross_entropy(output["verdict"], batch["target"])

def a_loss(fn, **fields):
    return Loss(**{"name": "own", "summary": "", "fn": fn, "needs": ("verdict",), **fields})
"""
FEW = {"epochs": 1, "pairs": 20, "repeats": 1, "plugins": ["mine.py"]}


def write(line: str) -> None:
    Path("mine.py").write_text(f"{CODE}\n{textwrap.dedent(line)}\n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "NET = a_net(recipe={'lr': 0.1})",
            "its 'recipe' is a dict; it must be a cmpnet.TrainConfig",
        ),
        ("NET = a_net(build='str')", "its 'build' is a str; it must be a function"),
        ("NET = a_net(build=None)", "its 'build' is None; it must be a function"),
        ("NET = a_net(summary=3)", "its 'summary' is 3; it must be a line of text or empty"),
        ("NET = a_net(summary='a\\nb')", r"its 'summary' is 'a\nb'; it must be a line of text or"),
        ("NET = a_net(task=3)", "its 'task' is 3; it must be a line of text"),
        (
            "NET = a_net(learner='nowhere.x:Y')",
            "The learner 'nowhere.x:Y' of architecture 'mine.py:",
        ),
        (
            "NET = a_net(learner='cmpnet.spec:Data')",
            "cannot be used: it has no attribute 'b",
        ),
        (
            "NET, OTHER = a_net(), a_net()",
            "has two networks with the name 'net': NET and OTHER",
        ),
    ],
)
def test_a_network_that_cannot_work_is_refused_before_training(line: str, sentence: str) -> None:
    write(line)
    with pytest.raises(CmpnetError) as caught:
        cmpnet.bench("mine.py:net", **FEW)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("line", "flag", "sentence"),
    [
        ("X = a_loss(3)", "loss", "its 'fn' is an int; it must be a function"),
        ("X = Optimizer(name='own', summary='', make=3)", "optimizer", "its 'make' is an int"),
        ("X = Schedule(name='own', summary='', factor='f')", "schedule", "its 'factor' is a str"),
        ("X = Augmentation(name='own', summary='', fn=3)", "augmentation", "its 'fn' is an int"),
        ("X = Metric(name='own', summary='', fn=3)", "metric", "its 'fn' is an int"),
    ],
)
def test_what_a_record_calls_must_be_a_function(line: str, flag: str, sentence: str) -> None:
    write(line)
    with pytest.raises(CmpnetError, match=sentence):
        cmpnet.bench("baseline", **{flag: "mine.py:own"}, **FEW)


def test_two_names_of_one_record_are_no_clash() -> None:
    write("NET = a_net()\nALIAS = NET")
    assert cmpnet.bench("mine.py:net", **FEW).arms[0].repeats[0].status == "ok"


@pytest.mark.parametrize(
    ("line", "options", "sentence"),
    [
        (
            "NET = a_net()\nX = a_loss(lambda output, batch: 0.5)",
            {"loss": "mine.py:own"},
            "Loss 'mine.py:own' returned a float; it must return one number for the batch, as a",
        ),
        (
            "NET = a_net()\nX = a_loss(lambda output, batch: output['verdict'])",
            {"loss": "mine.py:own"},
            "Loss 'mine.py:own' returned a tensor (20, 2); it must",
        ),
        (
            "NET = a_net()\nX = a_loss(lambda output, batch: mean(output, batch).detach())",
            {"loss": "mine.py:own"},
            "returned a tensor that does not depend on the weights",
        ),
        (
            "NET = a_net(outputs={'verdict': (2,), 'digits': (2, 10)}, loss='aux-constant')",
            {},
            "output 'digits' of architecture 'mine.py:net' is missing; its record promises (20, 2",
        ),
        (
            "NET = a_net(build=lambda: torch.nn.Sequential(torch.nn.Flatten(), "
            "torch.nn.Linear(392, 2)))",
            {},
            "'mine.py:net' returned a tensor (20, 2); its network must return a mapping from",
        ),
        (
            "NET = a_net(build=lambda: Net().requires_grad_(False))",
            {},
            "Architecture 'mine.py:net' has no trainable parameters",
        ),
        (
            "NET = a_net()\nX = Schedule(name='down', summary='', factor=lambda progress: -1.0)",
            {"schedule": "mine.py:down"},
            "Schedule 'mine.py:down' returned -1.0 for progress 0; it must return a finite number",
        ),
        (
            "NET = a_net()\nX = Schedule(name='none', summary='', factor=lambda progress: None)",
            {"schedule": "mine.py:none"},
            "Schedule 'mine.py:none' returned None for progress 0",
        ),
    ],
)
def test_a_promise_that_is_broken_in_training_is_a_sentence(
    line: str, options: dict[str, str], sentence: str
) -> None:
    write(line)
    (repeat,) = cmpnet.bench("mine.py:net", **options, **FEW).arms[0].repeats.values()
    assert repeat.status == "failed"
    assert sentence in repeat.cause.partition("\n")[0]


def test_an_entry_point_or_a_suite_that_names_nothing_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {"losses": {"gone": "GONE"}, "suites": {"lost": "x"}}
    make_plugin(tmp_path / "site", "odd", "X = 3", points)
    monkeypatch.syspath_prepend(tmp_path / "site")
    registry = Registry()
    with pytest.raises(CmpnetError) as caught:
        registry.loss("gone")
    assert str(caught.value) == (
        "'gone' of odd 1.0 cannot be used: 'odd', which its entry point names, has no attribute "
        "'GONE'. Fix or uninstall odd, or disable it with --no-plugin odd."
    )
    with pytest.raises(CmpnetError, match=r"Suite 'lost' of odd 1.0 .* 'lost.toml' does not exist"):
        cmpnet.bench(suite="lost")


def test_a_network_that_returns_numpy_arrays_is_told_so_and_what_is_allowed() -> None:
    write(
        """
        class Detached(Net):
            def forward(self, x):
                return super().forward(x)["verdict"].detach().numpy()
        """
    )
    with pytest.raises(CmpnetError) as caught:
        cmpnet.bench("mine.py:Detached", **FEW)
    sentence = str(caught.value)
    assert "'mine.py:Detached' returns a numpy array (B, 2) for B samples; it must" in sentence
    assert "or a tuple of both images' digits, (B, 10) and (B, 10);" in sentence
