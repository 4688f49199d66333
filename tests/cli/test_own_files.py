"""The commands take networks of a file as they take any name; each wrong file has its sentence."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import pytest

from tests.helpers import QUICK, ROOT, call
from tests.test_own_files import LOSSES, NET, net_returning, write

FEW = (*QUICK, "--repeats", "1", "--no-plot")
START = "import torch\nfrom torch import nn\n"


def module(body: str) -> str:
    """A network with a body of its own after its first line."""
    return f"{START}class MyNet(nn.Module):\n{body}\n"


INIT = "    def __init__(self):\n        "
HAS_TWO = NET + "class Other(MyNet):\n    pass\n"
NOTHING_MADE = (
    "import abc\n"
    + START
    + """
class MyNet(nn.Module, abc.ABC):
    @abc.abstractmethod
    def size(self): ...
"""
)
ON_CUDA = module(f"{INIT}super().__init__()\n        self.w = torch.zeros(2).cuda()")
NO_SUPER = module(f"{INIT}self.body = nn.Linear(2, 2)")
TWO_VERDICTS = net_returning("(self.lin['2'](flat), self.lin['2'](flat))")

WRONG_FILES: dict[str, tuple[str | bytes, str]] = {  # each tried as mine.py:MyNet
    "an error of syntax": ("x = 1\nclass :", "'mine.py' cannot be used: invalid syntax, line 2."),
    "no utf-8": (b"x = '\xff'", "it is not UTF-8 text"),
    "null bytes": ("x = 1\0", "'mine.py' cannot be used: "),
    "an exception": (
        "y = 1 / 0",
        "importing it raised ZeroDivisionError: division by zero (line 1)",
    ),
    "an exit": ("raise SystemExit(3)", "importing it raised SystemExit: 3"),
    "a missing package": ("import pandaz", "No module named 'pandaz' (line 1)"),
    "a broken helper": ("import helper", "importing it raised ZeroDivisionError"),
    "a helper's syntax": (
        "import broken",
        "raised SyntaxError: invalid syntax, line 1 of broken.py.",
    ),
    "another name": (
        NET.replace("MyNet", "MyNett"),
        "Did you mean 'MyNett'? Its networks: MyNett.",
    ),
    "another class": ("class MyNet: ...", "'MyNet' in 'mine.py' is another class; give a torch.nn"),
    "a network made": (NET + "MyNet = MyNet()", "is a MyNet; give a torch.nn.Module class"),
    "no value": (
        module("    def __init__(self, width, rate): ..."),
        "'mine.py:MyNet' needs 'width' and 'rate', which have no default; give a value, as in "
        "'mine.py:MyNet[width=VALUE,rate=VALUE]' or -o width=VALUE -o rate=VALUE.",
    ),
    "a parameter that cannot be typed": (
        module("    def __init__(self, part: nn.Module): ..."),
        "'part' of 'mine.py:MyNet' has no default and a type that cannot be typed; give it a",
    ),
    "a constructor that raises": (
        module(f"{INIT}nope"),
        "cannot be made: NameError: name 'nope' is",
    ),
    "an abstract class": (NOTHING_MADE, "TypeError: Can't instantiate abstract class"),
    "no call of super": (NO_SUPER, "cannot assign module before Module.__init__() call (line 5)"),
    "no forward": (module("    pass"), "(B, 2, 14, 14) of the task 'digit-pairs': Not"),
    "shapes": (
        net_returning("self.lin['2'](x)"),
        "RuntimeError: mat1 and mat2 shapes cannot be mult",
    ),
    "cuda": (ON_CUDA, "Leave devices to --device."),
    "three scores": (net_returning("self.lin['3'](flat)"), "returns (B, 3) for B samples; it must"),
    "one image": (net_returning("self.lin['10'](flat)"), "returns (B, 10) for B samples"),
    "two verdicts": (TWO_VERDICTS, "returns a tuple of (B, 2) and (B, 2) for B samples"),
    "a mean": (net_returning("self.lin['2'](flat).mean(0)"), "returns (2) for B samples; it must"),
    "nothing returned": (net_returning("None"), "returns None for B samples"),
    "means": (net_returning("{'verdict': flat.mean()}"), "returns {'verdict': ()} for B samples"),
    "names of no loss": (
        net_returning("{'score': flat}"),
        "No loss of the task 'digit-pairs' fits",
    ),
    "an unknown loss": (net_returning("self.lin['2'](flat)", "loss = 'cee'"), "mean 'ce'?"),
    "an unknown task": (net_returning("None", "task = 'digitpairs'"), "mean 'digit-pairs'?"),
    "a function": ("def MyNet():\n    return 3", "it returned an int, not a torch.nn.Module"),
}
LOSS = "def my_loss(output, batch"
WRONG_NAMES: dict[str, tuple[str, str]] = {  # the file, and what is wrong
    "mine.py": (HAS_TWO, "several networks; give one of mine.py:MyNet, mine.py:Other."),
    "mine.py[width=2]": ("x = 1", "'mine.py' has no networks; it needs a torch.nn.Module class"),
    "mine.py:MyNet[widht=3]": (NET, "has no option 'widht'. Did you mean 'width'?"),
    "ws:mine.py:MyNet": (NET, "is a network; give a function of an output and a batch"),
    "ws:mine.py:my_loss": (f"{LOSS}, alpha): ...", "'mine.py:my_loss' needs 'alpha', which has"),
    "al:mine.py:my_loss": (
        f"{LOSS}): 1 / 0",
        "tried to see which outputs it needs, and raised Zero",
    ),
    "mine.py:MyNet:cee": (NET, "There is no loss 'cee'. Did you mean 'ce'?"),
    "mine.py:MyNet:bce": (
        NET,
        "Loss 'bce' needs the output 'logit', which 'mine.py:MyNet' does not",
    ),
}


def refused(arm: str, sentence: str) -> None:
    done = call("bench", arm, *FEW)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("code", "sentence"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_wrong_file_is_one_sentence(code: str | bytes, sentence: str) -> None:
    write("1 / 0", "helper.py")
    write("x =", "broken.py")
    Path("mine.py").write_bytes(code if isinstance(code, bytes) else code.encode())
    refused("mine.py:MyNet", sentence)


@pytest.mark.parametrize(
    ("arm", "code", "sentence"), [(a, *rest) for a, rest in WRONG_NAMES.items()]
)
def test_a_wrong_name_in_a_file_is_one_sentence(arm: str, code: str, sentence: str) -> None:
    write(code)
    refused(arm, sentence)


def test_a_missing_file_and_a_folder_are_one_sentence() -> None:
    write(NET)
    Path("folder.py").mkdir()
    for name, sentence in {
        "mime.py:MyNet": "There is no file 'mime.py'. Did you mean 'mine.py'?",
        "nowhere/mine.py:MyNet": "There is no file 'nowhere/mine.py'.",
        "folder.py:MyNet": "'folder.py' cannot be used: it is a folder.",
    }.items():
        for command in (
            ["train", name],
            ["show", name],
            ["bench", name],
            ["list", "--plugin", name.partition(":")[0]],
        ):
            done = call(*command)
            assert (done.returncode, done.stdout) == (2, "")
            assert sentence in done.stderr


def test_what_a_file_prints_goes_to_stderr() -> None:
    write("print('loading')\n" + NET)
    for command in (["show", "mine.py"], ["train", "mine.py", *QUICK], ["bench", "mine.py", *FEW]):
        done = call(*command)
        assert done.returncode == 0, done.stderr
        assert "loading" not in done.stdout


def test_the_network_of_the_readme_and_its_commands_work() -> None:
    text = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"<!-- mine.py -->\n```python\n(.*?)```", text, re.DOTALL)
    write(block + "\n" + textwrap.dedent(LOSSES))
    commands = re.findall(r"^    cmpnet (.*mine\.py:.*?)(?:  +#.*)?$", text, re.MULTILINE)
    assert len(commands) == 4
    for command in map(shlex.split, commands):
        few = [word for word in FEW if command[0] == "bench"]
        done = call(*command, *few)
        assert done.returncode == 0, done.stderr
        assert "mine.py:my" in done.stdout.lower()


def test_a_network_for_another_task_returns_a_mapping_and_names_its_loss() -> None:
    code = """
        class MyNet(nn.Module):
            task, loss = "disk", "mse"
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(2, 2)
            def forward(self, x):
                return RETURNED
        """
    code = START + textwrap.dedent(code)
    write(code.replace("RETURNED", "self.body(x)"))
    refused("mine.py:MyNet", "returns (B, 2) for B samples; it must return a mapping from names to")
    write(
        code.replace("RETURNED", "{'scores': self.body(x)}").replace(
            ', loss = "disk", "mse"', ' = "disk"'
        )
    )
    refused("mine.py:MyNet", "No loss of the task 'disk' fits what 'mine.py:MyNet' returns")


def test_options_of_a_class_are_flags_that_help_and_show_list() -> None:
    write(NET)
    assert "--width" in call("train", "mine.py:MyNet", "--help").stdout
    shown = call("show", "mine.py:MyNet").stdout
    assert "width" in shown
    assert "verdict (B, 2)" in shown
    done = call("bench", "mine.py:MyNet", "--width", "3", *FEW)
    assert done.returncode == 0, done.stderr
    assert "mine.py:MyNet[width=3]" in done.stdout


def test_a_saved_network_is_evaluated_with_its_file_at_hand() -> None:
    write(NET, "nets/mine.py")
    trained = call("train", "nets/mine.py:MyNet", *QUICK, "--save", "net.safetensors", "--no-plot")
    assert trained.returncode == 0, trained.stderr
    without = call("evaluate", "net.safetensors")
    assert without.returncode == 2
    assert "There is no file 'mine.py'." in without.stderr
    given = call("evaluate", "net.safetensors", "--plugin", "nets/mine.py")
    write(NET)
    here = call("evaluate", "net.safetensors")
    assert given.stdout == here.stdout
    assert "mine.py:MyNet, trained with seed 0: test error" in here.stdout
    assert "mine.py:MyNet" in call("show", "net.safetensors").stdout


def test_results_are_read_back_without_the_file_and_name_no_folder() -> None:
    write(NET, "nets/mine.py")
    arms = ("nets/mine.py:MyNet", "nets/mine.py:MyNet[width=3]", "baseline")
    done = call(
        "bench", *arms, *FEW, "--repeats", "2", "--export-json", "x.json", "--reference", arms[0]
    )
    assert done.returncode == 0, done.stderr
    assert str(Path.cwd()) not in Path("x.json").read_text()
    assert str(Path.cwd()).encode().hex() not in Path("x.json").read_text()
    assert "nets" not in Path("x.json").read_text()
    Path("nets/mine.py").write_text("raise SystemExit('it ran')")
    for command in (
        ("compare", "nets/mine.py:MyNet", "baseline"),
        ("compare", "mine.py:MyNet", "baseline"),
        ("compare", "x.json"),
        ("plot", "errors", "mine.py:MyNet"),
        ("plot", "compare"),
        ("runs",),
    ):
        read = call(*command)
        assert read.returncode == 0, read.stderr
        assert "mine.py:MyNet" in read.stdout
        assert "it ran" not in read.stderr


def test_an_export_is_reproduced_with_the_file_at_hand() -> None:
    write(NET)
    done = call("bench", "mine.py:MyNet", *FEW, "--export-json", "x.json")
    assert done.returncode == 0, done.stderr
    assert "1 of 1 repeats are bit-identical" in call("reproduce", "x.json").stdout
    write(NET.replace("nn.ReLU", "nn.Tanh"))
    again = call("reproduce", "x.json")
    assert again.returncode == 1
    assert "mine.py" in again.stdout


def test_an_export_that_names_a_file_elsewhere_runs_nothing() -> None:
    write(NET)
    done = call("bench", "mine.py:MyNet", *FEW, "--export-json", "x.json")
    assert done.returncode == 0, done.stderr
    write("open('ran', 'w')\n" + NET, "evil/mine.py")
    text = Path("x.json").read_text().replace('"mine.py:MyNet"', '"evil/mine.py:MyNet"')
    Path("x.json").write_text(text)
    for command in (["compare", "x.json"], ["reproduce", "x.json"]):
        call(*command)
        assert not Path("ran").exists()


def test_files_given_as_plugins_are_listed_and_their_names_are_typed() -> None:
    write(LOSSES)
    listed = call("list", "losses", "--plugin", "mine.py", "--check").stdout
    assert "mine.py:recorded" in listed
    assert "broken" not in listed
    done = call("bench", "ws-aux:recorded", "--plugin", "mine.py", "--alpha", "0.25", *FEW)
    assert done.returncode == 0, done.stderr
    assert "ws-aux:mine.py:recorded[alpha=0.25]" in done.stdout
