"""Networks and losses in a file: what counts as one, what it returns, and what identifies it."""

from __future__ import annotations

import os
import random
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cmpnet
from cmpnet import provenance
from cmpnet.arms import Shared, expand, options_by_part, parts_of, resolve
from cmpnet.errors import CmpnetError
from cmpnet.registry import Registry
from tests.helpers import ROOT, call, make_table
from tests.helpers import cmpnet as run_cmpnet

QUICK: dict[str, Any] = {"epochs": 1, "pairs": 40}
START = "import torch\nfrom torch import nn\n"
NET = START + textwrap.dedent(
    """
    class MyNet(nn.Module):
        def __init__(self, width=8):
            super().__init__()
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(392, width), nn.ReLU())
            self.head = nn.Linear(width, 2)

        def forward(self, x):
            return self.head(self.body(x))
    """
)


@pytest.fixture(autouse=True)
def _forget_helpers() -> Iterator[None]:
    """Helpers stay imported after their folder is gone: later tests would record them as theirs."""
    modules, path = {*sys.modules}, [*sys.path]
    yield
    for name in sys.modules.keys() - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(Path.cwd())):
            del sys.modules[name]
    sys.path[:] = path


def write(code: str, path: str = "mine.py") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(textwrap.dedent(code))


def net_returning(expression: str, attributes: str = "") -> str:
    """A network whose ``forward`` returns an expression of ``flat`` (B, 392)."""
    return START + textwrap.dedent(
        f"""
        class MyNet(nn.Module):
            {attributes or "pass"}
            def __init__(self):
                super().__init__()
                self.lin = nn.ModuleDict({{str(n): nn.Linear(392, n) for n in (1, 2, 3, 10, 20)}})

            def forward(self, x):
                flat = x.flatten(1)
                return {expression}
        """
    )


def test_a_plain_class_trains_as_its_record_would(tmp_path: Path) -> None:
    write(NET)
    namespace: dict[str, Any] = {"__name__": "twin"}
    exec(Path("mine.py").read_text(), namespace)

    class Named(namespace["MyNet"]):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"verdict": super().forward(x)}

    twin = cmpnet.Architecture(
        name="twin", summary="", build=lambda: Named(), outputs={"verdict": (2,)},
        task="digit-pairs", loss="ce",
    )  # fmt: skip
    plain, record = cmpnet.bench(["mine.py:MyNet", twin], repeats=2, **QUICK).arms
    assert plain.label == "mine.py:MyNet"
    for seed in (0, 1):
        assert plain.repeats[seed].curves == record.repeats[seed].curves
    assert plain.repeats[0].parameters == 392 * 8 + 8 + 2 * 8 + 2


BOTH = {"verdict": (2,), "digits": (2, 10)}
OUTPUTS: list[tuple[str, dict[str, tuple[int, ...]], str]] = [
    ("self.lin['2'](flat)", {"verdict": (2,)}, "ce"),
    ("self.lin['1'](flat)", {"logit": ()}, "bce"),
    ("self.lin['1'](flat).squeeze(-1)", {"logit": ()}, "bce"),
    ("self.lin['20'](flat)", BOTH, "aux-discounted"),
    ("self.lin['20'](flat).view(-1, 2, 10)", BOTH, "aux-discounted"),
    (
        "self.lin['2'](flat), self.lin['10'](flat), self.lin['10'](-flat)",
        BOTH,
        "aux-discounted",
    ),
    (
        "[self.lin['10'](flat), self.lin['10'](-flat), self.lin['2'](flat)]",
        BOTH,
        "aux-discounted",
    ),
    ("(self.lin['2'](flat), (self.lin['10'](flat),) * 2)", BOTH, "aux-discounted"),
    ("(self.lin['1'](flat), self.lin['20'](flat))", {"logit": (), "digits": (2, 10)}, "bce"),
    (
        "{'verdict': self.lin['2'](flat), 'extra': self.lin['3'](flat)}",
        {"verdict": (2,), "extra": (3,)},
        "ce",
    ),
]


@pytest.mark.parametrize(("expression", "outputs", "loss"), OUTPUTS)
def test_what_a_network_returns_decides_its_outputs_and_its_loss(
    expression: str, outputs: dict[str, tuple[int, ...]], loss: str
) -> None:
    write(net_returning(expression))
    arm = resolve("mine.py", Registry())
    assert arm.architecture.outputs == outputs
    assert arm.loss.name == loss
    (result,) = cmpnet.train("mine.py:MyNet", **QUICK).arms[0].repeats.values()
    assert result.status == "ok", result.cause


def test_the_digits_of_a_tuple_are_in_the_order_of_the_images() -> None:
    write(net_returning("self.lin['2'](flat), self.lin['10'](flat), self.lin['10'](-flat)"))
    net = resolve("mine.py", Registry()).architecture.build()
    x = torch.randn(5, 2, 14, 14)
    output = net(x)
    assert torch.equal(output["digits"][:, 0], net.lin["10"](x.flatten(1)))
    assert torch.equal(output["digits"][:, 1], net.lin["10"](-x.flatten(1)))


def test_digits_alone_imply_the_verdict_of_independent_digits() -> None:
    write(net_returning("self.lin['20'](flat)"))
    output = resolve("mine.py", Registry()).architecture.build()(torch.randn(4, 2, 14, 14))
    first, second = output["digits"].softmax(-1).detach().numpy().transpose(1, 0, 2)
    for row, verdict in enumerate(output["verdict"].detach().numpy()):
        table = np.outer(first[row], second[row])
        np.testing.assert_allclose(np.exp(verdict[1]), np.triu(table).sum(), rtol=1e-5)
        np.testing.assert_allclose(np.exp(verdict[0]), np.tril(table, -1).sum(), rtol=1e-4)


def test_nan_is_a_training_that_diverges_not_a_wrong_file() -> None:
    write(net_returning("self.lin['2'](flat) * float('nan')"))
    (result,) = cmpnet.train("mine.py:MyNet", **QUICK).arms[0].repeats.values()
    assert result.status == "diverged"


def test_a_view_after_a_convolution_works_as_it_does_in_a_script() -> None:
    code = """
    class Conv(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.out = nn.Conv2d(2, 4, 3), nn.Linear(4 * 144, 2)
        def forward(self, x):
            return self.out(self.conv(x).view(len(x), -1))
    """
    write(START + textwrap.dedent(code))
    (result,) = cmpnet.train("mine.py", **QUICK).arms[0].repeats.values()
    assert result.status == "ok", result.cause


def test_attributes_of_a_class_name_its_loss_and_its_recipe() -> None:
    recipe = "loss = 'aux-constant'; recipe = cmpnet.TrainConfig(lr=0.02, epochs=3)"
    triple = "self.lin['2'](flat), self.lin['10'](flat), self.lin['10'](flat)"
    write("import cmpnet\n" + net_returning(triple, recipe))
    arm = resolve("mine.py", Registry())
    assert (arm.loss.name, arm.config.lr, arm.config.epochs) == ("aux-constant", 0.02, 3)
    assert arm.label == "mine.py:MyNet"


# -- options --------------------------------------------------------------------------------------


def test_parameters_are_options_with_the_type_of_their_annotation_or_default() -> None:
    code = """
    from __future__ import annotations
    from typing import Annotated, Literal, Optional
    import torch
    from torch import nn
    from cmpnet import Bounds

    class MyNet(nn.Module):
        def __init__(self, width=8, rate=0.5, norm=False, kind="relu", size: Optional[int] = None,
                     any=None, late: int = None, activation=nn.ReLU, sizes=(1, 2),
                     act: Literal["relu", "tanh"] = "relu",
                     drop: Annotated[float, Bounds(0, 1)] = 0,
                     *rest, bias: bool = True, **more):
            super().__init__()
            self.given = dict(width=width, rate=rate, norm=norm, kind=kind, activation=activation)
            self.body = nn.Linear(392, 2, bias=bias)
        def forward(self, x):
            return self.body(x.flatten(1))
    """
    write(code)
    options = options_by_part("mine.py:MyNet", Registry())["architecture"]
    allowed = {name: option.allowed for name, option in options.items()}
    assert allowed == {
        "width": "a whole number",
        "rate": "a number",
        "norm": "true or false",
        "kind": "a line of text",
        "size": "a whole number or none",
        "any": "a whole number or a number or a line of text or none",
        "late": "a whole number or none",
        "act": "one of relu, tanh",
        "drop": "a number from 0 to 1",
        "bias": "true or false",
    }
    arm = resolve("mine.py:MyNet[width=3,norm=yes,any=0.5]", Registry())
    net = arm.architecture.build(**arm.key.architecture_options)
    assert net.given == {
        "width": 3, "rate": 0.5, "norm": True, "kind": "relu", "activation": torch.nn.ReLU,
    }  # fmt: skip


def test_a_parameter_may_be_called_like_a_flag() -> None:
    write(NET.replace("width=8", "width=8, device=None, seed=3"))
    arm = resolve("mine.py:MyNet[seed=4]", Registry())
    assert arm.key.architecture_options == {"width": 8, "device": None, "seed": 4}


def test_an_option_of_a_class_is_swept_and_checked_as_any_other() -> None:
    write(NET)
    results = cmpnet.bench("mine.py:MyNet", repeats=1, sweep={"width": [2, 4]}, **QUICK)
    assert [arm.label for arm in results.arms] == [
        "mine.py:MyNet[width=2]",
        "mine.py:MyNet[width=4]",
    ]
    with pytest.raises(CmpnetError, match="width is 'wide'; it must be a whole number"):
        resolve("mine.py:MyNet[width=wide]", Registry())


REQUIRED = NET.replace("width=8", "width, rate: float")


def test_parameters_without_default_are_options_that_must_be_given() -> None:
    write(REQUIRED)
    arm = resolve("mine.py:MyNet[width=3,rate=1]", Registry())
    assert arm.key.architecture_options == {"width": 3, "rate": 1.0}
    shared = Shared({"rate": "0.5"}, sweeps={"width": ["2", "4"]})
    labels = [one.label for one in expand("mine.py:MyNet", Registry(), shared)]
    assert labels == ["mine.py:MyNet[rate=0.5,width=2]", "mine.py:MyNet[rate=0.5,width=4]"]
    results = cmpnet.bench("mine.py:MyNet[width=3]", rate=0.5, repeats=1, **QUICK)
    assert results.arms[0].repeats[0].parameters == 392 * 3 + 3 + 2 * 3 + 2
    again = parts_of(results.arms[0].key, opened("mine.py"))
    assert again.key == results.arms[0].key
    with pytest.raises(CmpnetError, match="needs 'rate', which has no default; give a value, as"):
        resolve("mine.py:MyNet[width=3]", Registry())


def test_a_required_parameter_is_a_flag() -> None:
    write(REQUIRED)
    done = call("train", "mine.py:MyNet", "--width", "3", "--rate=0.5", "--epochs=1", "--pairs=40")
    assert (done.returncode, "mine.py:MyNet[width=3,rate=0.5]" in done.stdout) == (0, True)
    done = call("show", "mine.py:MyNet", "-o", "width=3", "-o", "rate=0.5")
    assert (done.returncode, "required" in done.stdout) == (0, True)


def test_one_class_may_return_different_outputs_for_different_options() -> None:
    code = net_returning("self.lin[str(self.size)](flat)")
    write(
        code.replace("self):", "self, size):").replace("__init__()", "__init__(); self.size=size")
    )
    arms = cmpnet.bench(
        ["mine.py:MyNet[size=2]", "mine.py:MyNet[size=20]"], repeats=1, **QUICK
    ).arms
    assert [arm.key.loss for arm in arms] == ["ce", "aux-discounted"]
    assert [arm.repeats[0].status for arm in arms] == ["ok", "ok"]


def test_a_plain_class_is_told_the_shapes_and_classes_of_the_users_data() -> None:
    code = """
    from torch import nn
    from cmpnet import DataInfo

    class Block(nn.Module):
        def __init__(self, size): ...

    class MyNet(nn.Module):
        "A plain one."
        task = "classes"
        def __init__(self, data: DataInfo, width=5):
            super().__init__()
            self.body = nn.Sequential(
                nn.Linear(data.shape[0], width), nn.Tanh(), nn.Linear(width, len(data.classes)))
        def forward(self, x):
            return self.body(x)
    """
    write(code)
    table = make_table("iris.csv")
    (arm,) = cmpnet.bench("mine.py", data=table, repeats=1, epochs=1).arms
    assert arm.repeats[0].parameters == 4 * 5 + 5 + 5 * 3 + 3
    assert arm.key.architecture_options == {"width": 5}
    assert (arm.key.loss, arm.repeats[0].status) == ("cross-entropy", "ok")
    with pytest.raises(CmpnetError, match="The task 'classes' has no data of its own; give --data"):
        resolve("mine.py:MyNet", Registry())
    write(code.replace("self.body(x)", "self.body(x)[:, 0]"))
    with pytest.raises(CmpnetError, match=r"returns \(B\) for B samples; it must return scores"):
        resolve("mine.py:MyNet", Registry(), Shared({"data": table}))


def opened(path: str) -> Registry:
    registry = Registry()
    registry.open(path)
    return registry


def test_a_function_that_returns_a_network_is_a_network() -> None:
    write(
        START + "def small(width=4):\n    return nn.Sequential(nn.Flatten(), nn.Linear(392, 2))\n"
    )
    arm = resolve("mine.py:small[width=5]", Registry())
    assert arm.architecture.outputs == {"verdict": (2,)}


def test_a_file_alone_means_its_only_record_whatever_the_record_is_made_of() -> None:
    record = """
    def build(*, width: int = 4):
        return Wrapped(width)

    class Wrapped(MyNet):
        def forward(self, x):
            return {"verdict": super().forward(x)}

    RECORD = cmpnet.Architecture(
        name="my-net", summary="", build=build, outputs={"verdict": (2,)}, task="digit-pairs",
        loss="ce")
    """
    write("import cmpnet\n" + NET + textwrap.dedent(record))
    assert resolve("mine.py", Registry()).label == "mine.py:my-net"


# -- losses and records ---------------------------------------------------------------------------

LOSSES = """
    import torch
    from torch.nn import functional as F
    import cmpnet

    def my_loss(output, batch, *, alpha=0.5):
        digits = F.cross_entropy(output["digits"].flatten(0, 1), batch["classes"].flatten())
        return F.cross_entropy(output["verdict"], batch["target"]) + alpha * digits

    def hidden(output, batch, progress):
        return output["hidden"].square().mean() * (1 - progress)

    MY_LOSS = cmpnet.Loss(name="recorded", summary="", fn=my_loss, needs=("verdict", "digits"))
"""


def test_a_plain_function_is_a_loss_whose_needs_are_found_by_trying_it() -> None:
    write(LOSSES)
    arm = resolve("ws-aux:mine.py:my_loss", Registry(), Shared({"alpha": 0.25}))
    assert arm.loss.needs == ("digits", "verdict")
    assert arm.key.loss_options == {"alpha": 0.25}
    assert arm.label == "ws-aux:mine.py:my_loss[alpha=0.25]"
    with pytest.raises(CmpnetError, match="needs the output 'hidden', which 'ws-aux' does not"):
        resolve("ws-aux:mine.py:hidden", Registry())


def test_a_loss_of_a_file_trains_as_the_built_in_one_that_it_equals() -> None:
    write(
        """
        from torch.nn import functional
        def twin(output, batch):
            return functional.cross_entropy(output["verdict"], batch["target"])
        """
    )
    arms = cmpnet.bench(["baseline:mine.py:twin", "baseline"], repeats=1, **QUICK).arms
    assert arms[0].repeats[0].curves == arms[1].repeats[0].curves


def test_records_are_found_by_their_attribute_and_by_their_name() -> None:
    write(LOSSES)
    names = ("ws-aux:mine.py:MY_LOSS", "ws-aux:mine.py:recorded")
    assert {resolve(name, Registry()).label for name in names} == {"ws-aux:mine.py:recorded"}


def test_names_in_records_mean_those_of_the_same_file_first() -> None:
    write(NET + textwrap.dedent(LOSSES) + textwrap.dedent(
        """
        def ce(output, batch):
            return F.cross_entropy(output["verdict"], batch["target"])

        RECORD = cmpnet.Architecture(
            name="my-net", summary="", build=lambda *, width=4: Wrapped(width),
            outputs={"verdict": (2,)}, task="digit-pairs", loss="ce")

        class Wrapped(MyNet):
            loss = "ce"
            def forward(self, x):
                return {"verdict": super().forward(x)}
        """
    ))  # fmt: skip
    for name in ("my-net", "Wrapped"):
        arm = resolve(f"mine.py:{name}", Registry())
        assert (arm.key.loss, arm.label) == ("mine.py:ce", f"mine.py:{name}")
    assert resolve("ws:ce", Registry()).loss.name == "ce"


def test_plugin_files_register_their_records_under_their_names() -> None:
    write(LOSSES, "nets/mine.py")
    registry = Registry(plugins=["nets/mine.py"])
    assert "mine.py:recorded" in registry.names("loss")
    assert resolve("ws-aux:recorded", registry).key.loss == "mine.py:recorded"
    results = cmpnet.bench("ws-aux:recorded", repeats=1, plugins=["nets/mine.py"], **QUICK)
    assert results.arms[0].label == "ws-aux:mine.py:recorded"
    assert results.arms[0].repeats[0].status == "ok"


# -- identity -------------------------------------------------------------------------------------


def code_of(name: str) -> str:
    return provenance.code(resolve(name, Registry()))["mine.py"]


def test_the_content_of_a_file_identifies_it_and_its_path_does_not() -> None:
    write(NET, "a/mine.py")
    write(NET, "b/mine.py")
    first = code_of("a/mine.py:MyNet")
    assert first == code_of("b/mine.py:MyNet") == code_of(f"{Path('b').resolve()}/mine.py:MyNet")
    write(NET.replace("nn.ReLU", "nn.Tanh"), "b/mine.py")
    assert code_of("b/mine.py:MyNet") != first
    assert resolve("a/mine.py:MyNet", Registry()).key == resolve("b/mine.py:MyNet", Registry()).key


HELPED = """
    import torch
    from torch import nn
    from parts.blocks import scale

    class MyNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Linear(392, 2)
        def forward(self, x):
            import late
            return late.same(scale(self.body(x.flatten(1))))
"""


def test_an_edit_of_the_file_or_of_its_helpers_trains_again() -> None:
    write(HELPED)
    write("def scale(x):\n    return 2 * x\n", "parts/blocks.py")
    write("def same(x):\n    return x\n", "late.py")
    write("1 / 0", "unrelated.py")

    def losses() -> tuple[float, int]:
        (arm,) = cmpnet.bench("mine.py:MyNet", repeats=1, **QUICK).arms
        assert arm.repeats[0].status == "ok", arm.repeats[0].cause
        return arm.repeats[0].curves.train_loss[0], arm.stored

    first = losses()
    write("1 / 0  # not imported", "unrelated.py")
    assert losses() == (first[0], 1)
    write("def scale(x):\n    return 3 * x\n", "parts/blocks.py")
    second = losses()
    write("def same(x):\n    return 5 * x\n", "late.py")
    third = losses()
    assert len({first[0], second[0], third[0]}) == 3
    assert second[1] == third[1] == 0
    in_process = cmpnet.train("mine.py:MyNet", fresh=True, **QUICK).arms[0].repeats[0]
    assert in_process.curves.train_loss[0] == third[0]
    assert not list(Path().rglob("__pycache__"))


def test_a_package_of_another_files_folder_does_not_hide_a_folder_without_init() -> None:
    write("", "other/parts/__init__.py")
    write("SIZE = 1", "other/parts/size.py")
    write(
        NET.replace("import torch\n", "import torch\nfrom parts.size import SIZE\n", 1),
        "other/a.py",
    )
    write("def scale(x):\n    return 2 * x\n", "parts/blocks.py")
    write("def same(x):\n    return x\n", "late.py")
    write(HELPED)
    for name in ("other/a.py:MyNet", "mine.py:MyNet", "other/a.py:MyNet"):
        assert cmpnet.train(name, **QUICK).arms[0].repeats[0].status == "ok"


def test_a_file_that_is_edited_while_it_runs_fails_and_is_not_stored() -> None:
    write(NET)

    def edit(event: object) -> None:
        if type(event).__name__ == "Planned":
            write(NET.replace("nn.ReLU", "nn.Tanh"))

    (arm,) = cmpnet.bench("mine.py:MyNet", repeats=1, on_event=edit, **QUICK).arms
    assert arm.repeats[0].status == "failed"
    assert "'mine.py' was changed; rerun the same command" in arm.repeats[0].cause
    (arm,) = cmpnet.bench("mine.py:MyNet", repeats=1, **QUICK).arms
    assert (arm.stored, arm.repeats[0].status) == (0, "ok")


def test_two_files_of_one_name_are_refused_together() -> None:
    write(NET, "a/mine.py")
    write(NET, "b/mine.py")
    with pytest.raises(CmpnetError, match=r"are both called 'mine.py'"):
        cmpnet.bench(["a/mine.py:MyNet", "b/mine.py:MyNet"], repeats=1, **QUICK)


def test_two_files_with_different_helpers_of_one_name_are_refused_together() -> None:
    for folder, factor in (("a", 2), ("b", 3)):
        write("import helper\n" + NET, f"{folder}/{folder}.py")
        write(f"FACTOR = {factor}", f"{folder}/helper.py")
    registry = Registry()
    resolve("a/a.py:MyNet", registry)
    with pytest.raises(CmpnetError, match="each import a module 'helper' of their own folder"):
        resolve("b/b.py:MyNet", registry)
    assert resolve("b/b.py:MyNet", Registry()).label == "b.py:MyNet"
    assert sys.modules["helper"].FACTOR == 3


def test_a_stored_name_opens_no_file_of_another_folder() -> None:
    write("import cmpnet\nraise SystemExit('it ran')", "evil.py")
    registry = Registry()
    with pytest.raises(CmpnetError, match="not loaded"):
        registry.architecture("evil.py:Net")


def test_reading_a_network_draws_no_number_of_the_caller() -> None:
    write(NET)
    before = torch.random.get_rng_state(), random.getstate()
    resolve("mine.py:MyNet", Registry())
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_the_example_trains_within_ten_seconds_of_the_command() -> None:
    text = (ROOT / "examples" / "mine.py").read_text()
    assert len(text.splitlines()) <= 40
    write(text)
    few = ("--repeats", "1", "--pairs", "100", "--epochs", "2", "--no-plot")
    done = run_cmpnet("bench", "baseline", "mine.py:MyNet", "ws:mine.py:smoothed", *few)
    assert done.returncode == 0, done.stderr
    assert "mine.py:MyNet" in done.stdout
    assert "ws:mine.py:smoothed" in done.stdout


def test_a_worker_of_any_executor_finds_the_file_by_itself() -> None:
    import pickle
    import subprocess

    write(NET)
    arm = resolve("mine.py:MyNet", Registry())
    Path("arm.pickle").write_bytes(pickle.dumps(("cmpnet.runner", arm)))
    code = (
        "import pickle, cmpnet.runner; arm = pickle.load(open('arm.pickle', 'rb'))[1];"
        "print(arm.label, type(arm.architecture.build()).__name__)"
    )
    elsewhere = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=elsewhere
    )
    assert done.stdout == "mine.py:MyNet MyNet\n"
