"""Every way in which a plugin can be broken that we know of: each is named, the others work.

One distribution registers a good name and one name per fault, each in a module of its own; others
have damaged metadata. One ``cmpnet check`` looks at all of them.
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest

from tests.helpers import TINY, cmpnet

OWNER, VERSION = "broken-parts", "1.2"
TASK = """
    import numpy as np
    from cmpnet import Architecture, Data, Measure, Split, Task
    from cmpnet.registry import Registry

    def part(seed, stream):
        x = np.random.default_rng([seed, stream]).random((20, 2, 14, 14), dtype=np.float32)
        return Split(x, {"target": (x[:, 0, 0, 0] > 0.5).astype(np.int64)})

    def load(seed):
        return Data(part(seed, 0), part(seed, 1))

    def wrong(output, targets):
        return output["verdict"].argmax(1) != targets["target"]

    def details(output, targets, mistakes):
        return {"confidence": [0.5] * len(mistakes)}

    SPEC = Task(name="NAME", summary="", load=load, wrong=wrong, details=details,
                fingerprint=lambda: "v1")
    NET = Architecture(name="net-NAME", summary="", build=Registry().architecture("baseline").build,
                       outputs={"verdict": (2,)}, task="NAME", loss="ce")
"""
LOSS = """
    import torch
    from cmpnet import Loss

    def fn(output, batch, *, weight: float = 1.0):
        return weight * torch.nn.functional.cross_entropy(output["verdict"], batch["target"])

    SPEC = Loss(name="NAME", summary="", fn=fn, needs=("verdict",))
"""
EXECUTOR = """
    from cmpnet.runtime.local import LocalExecutor

    class SPEC(LocalExecutor):
        def run(self, work, jobs):
            yield from super().run(work, jobs)
"""
NET = TINY.replace("TINY = ", "SPEC = ").replace('name="tiny"', 'name="NAME"')
GOOD = {"architectures": NET, "losses": LOSS, "tasks": TASK, "executors": EXECUTOR}
OPTION, BUILD, FORWARD = "width: int = 4", "return Net(width)", 'return {"verdict": self.body(x)}'
RUN = "yield from super().run(work, jobs)"
WRONG = 'output["verdict"].argmax(1) != targets["target"]'
TYPES = (
    "import enum, pathlib, typing; from cmpnet import Bounds; from typing import *; import torch\n"
    "from dataclasses import replace"
)


def option(text: str) -> tuple[str, str]:
    """An edit of the option of ``build``, which it does not use."""
    return f"*, {OPTION}", f"*, {text}, width: int = 4"


def learner(method: str) -> list[tuple[str, str]]:
    """Edits that give the network a learner with one other method."""
    code = f"class Odd(TorchLearner):\n        {method}\n    RECIPE ="
    return [
        ("RECIPE =", f"from cmpnet.learners.torch import TorchLearner\n    {code}"),
        ('loss="ce")', 'loss="ce", learner=__name__ + ":Odd")'),
    ]


def each(message: str) -> list[tuple[str, str]]:
    """An edit of what an executor yields: ``m`` is a message of the job ``j``."""
    return [(RUN, f"for j, m in super().run(work, jobs): {message}")]


# name: group, edits of a good source, what the reason says
FAULTS: dict[str, tuple[str, list[tuple[str, str]], str]] = {
    # -- at import
    "import-error": ("architectures", [("import torch", "import nowhere")], "No module named 'now"),
    "syntax-error": ("architectures", [("import torch", "import torch torch")], "SyntaxError"),
    "raises": ("losses", [("import torch", "import torch; 1 / 0")], "ZeroDivisionError"),
    "exits": ("losses", [("import torch", "raise SystemExit(3)")], "SystemExit: 3"),
    "interrupts": ("losses", [("import torch", "raise KeyboardInterrupt")], "KeyboardInterrupt"),
    "closes": ("losses", [("import torch", "raise GeneratorExit")], "GeneratorExit"),
    "base": ("losses", [("import torch", "raise BaseException('sour')")], "BaseException: sour"),
    "dies": ("losses", [("import torch", "import os; os._exit(7)")], "ended .exit code 7"),
    "killed": ("losses", [("import torch", "import os; os.kill(os.getpid(), 9)")], "SIGKILL"),
    "aborts": ("losses", [("import torch", "import os; os.abort()")], "SIGABRT"),
    "hangs": ("losses", [("import torch", "while True: pass")], "did not end within 10 s"),
    "silent": (
        "losses",
        [("import torch", "class E(Exception):\n        __str__ = None\n    raise E")],
        "E: its message cannot be read",
    ),
    "no-attribute": ("losses", [("SPEC =", "OTHER =")], "has no attribute 'SPEC'"),
    "recursion": (
        "losses",
        [("import torch", "def f(): f()\n    f()")],
        "RecursionError: maximum recursion",
    ),
    "deep-lines": (
        "losses",
        [("import torch", "raise ValueError('a\\nb')")],
        "ValueError: a b",
    ),
    # -- records
    "wrong-kind": ("losses", [("SPEC = Loss(", "SPEC = dict(")], "is a dict, not a cmpnet.Loss"),
    "a-class": ("losses", [("SPEC = Loss(", "SPEC = Loss; dict(")], "is a type, not a cmpnet.Loss"),
    "other-name": ("losses", [('name="NAME"', 'name="x"')], "called 'other-name', its record 'x'"),
    "no-name": ("losses", [('name="NAME"', "name=None")], "its record 'None'"),
    "no-summary": ("losses", [('summary="", ', "")], "missing 1 required keyword-only argument"),
    "new-version": ("losses", [("fn=fn,", "fn=fn, api_version=99,")], "version 99 of the plugin"),
    "needs-text": (
        "losses",
        [('needs=("verdict",)', 'needs="verdict"')],
        "its 'needs' is 'verdict",
    ),
    "outputs-list": ("architectures", [('{"verdict": (2,)}', "[2]")], "its 'outputs' is"),
    "outputs-text": (
        "architectures",
        [('"verdict": (2,)', '"verdict": "(B, 2)"')],
        "its 'outputs'",
    ),
    "negative": ("architectures", [('"verdict": (2,)', '"verdict": (-2,)')], "its 'outputs'"),
    "no-epochs": ("architectures", [("epochs=1", "epochs=0")], "'epochs' is 0"),
    "inf-rate": ("architectures", [("epochs=1", "lr=float('inf')")], "'lr' is inf"),
    "no-task": ("architectures", [('"digit-pairs"', '"digit-pair"')], "Did you mean 'digit-pairs'"),
    "no-loss": ("architectures", [('loss="ce"', 'loss="cee"')], "Did you mean 'ce'"),
    "bad-pairing": ("architectures", [('loss="ce"', 'loss="bce"')], "needs the output 'logit'"),
    "no-learner": ("architectures", [('loss="ce"', 'loss="ce", learner="x:Y"')], "named 'x'"),
    "two words": ("losses", [], "it must not begin with '-'"),
    "-dash": ("losses", [], "it must not begin with '-'"),
    "com,ma": ("losses", [], "it must not begin with '-'"),
    "brack[et": ("losses", [], "it must not begin with '-'"),
    "file.py": ("losses", [], "it must not begin with '-'"),
    # -- options
    "no-default": ("architectures", [option("n: int")], "'n' has no default"),
    "unbounded": ("architectures", [option("n: float = float('inf')")], "'n' is inf; it must be a"),
    "nan-default": ("architectures", [option("n: float = float('nan')")], "'n' is nan; it must be"),
    "wrong-default": ("architectures", [option("n: int = 'a'")], "'n' is 'a'; it must be a whole"),
    "out-of-bounds": (
        "architectures",
        [option("n: Annotated[int, Bounds(1, 3)] = 4")],
        "'n' is 4; it must be a whole number from 1 to 3",
    ),
    "bounded-text": ("architectures", [option("n: Annotated[str, Bounds(1)] = ''")], "no number"),
    "a-dict": ("architectures", [option("n: dict = {}")], "the type dict, which cannot be typed"),
    "a-path": ("architectures", [option("n: pathlib.Path = '.'")], "the type Path, which cannot"),
    "a-tuple": ("architectures", [option("n: tuple[int, ...] = (1,)")], "which cannot be typed"),
    "a-dtype": ("architectures", [option("n: torch.dtype = torch.int")], "which cannot be typed"),
    "unknown-type": ("architectures", [option("n: Nowhere = 1")], "'Nowhere' is not defined"),
    "literal-none": ("architectures", [option("n: Literal['a'] = 'b'")], "must be one of a"),
    "shadows-epochs": ("architectures", [option("epochs: int = 3")], "hidden by the flag --epochs"),
    "shadows-store": ("losses", [("weight: float", "store: float")], "hidden by the flag --store"),
    "underscore": ("architectures", [option("_n: int = 3")], "'_n' cannot be typed"),
    # -- networks
    "no-module": ("architectures", [(BUILD, "return 3")], "type int, not a torch.nn.Module"),
    "build-raises": ("architectures", [(BUILD, "raise ValueError('sour')")], "ValueError: sour"),
    "build-exits": ("architectures", [(BUILD, "raise SystemExit(4)")], "SystemExit: 4"),
    "build-dies": ("architectures", [(BUILD, "import os; os._exit(5)")], "ended .exit code 5"),
    "build-hangs": ("architectures", [(BUILD, "while True: pass")], "did not end within 10 s"),
    "positional": ("architectures", [("build(*, width: int = 4)", "build(width)")], "TypeError"),
    "a-tensor": ("architectures", [(FORWARD, "return self.body(x)")], "failed"),
    "no-output": (
        "architectures",
        [('{"verdict": (2,)}', '{"verdict": (2,), "x": ()}')],
        "'x'.*mis",
    ),
    "shape": ("architectures", [('{"verdict": (2,)}', '{"verdict": (3,)}')], "has shape"),
    "nan": ("architectures", [("self.body(x)}", "self.body(x) * float('nan')}")], "diverged"),
    "random": (
        "architectures",
        [("self.body(x)}", "self.body(x) + torch.rand(1)}")],
        "differs between two predictions",
    ),
    "unseeded": ("architectures", [(BUILD, f"torch.seed(); {BUILD}")], "when it is trained again"),
    "frozen": ("architectures", [("x)}", "x).detach().requires_grad_()}")], "changes no weight"),
    "buffer": (
        "architectures",
        [
            (
                FORWARD,
                "self.n = getattr(self, 'n', 0) + self.training * len(x); "
                'return {"verdict": self.body(x) + self.n}',
            )
        ],
        "after weights.. and load",
    ),
    "unpicklable": (
        "architectures",
        [
            (
                "RECIPE =",
                "class Locked:\n"
                "        def __init__(self): self.it = __import__('threading').Lock()\n"
                "        def __call__(self): return Net(4)\n"
                "    RECIPE =",
            ),
            ("build=build", "build=Locked()"),
        ],
        "'unpicklable' cannot be sent: TypeError: cannot pickle",
    ),
    # -- learners
    "no-step": ("architectures", learner("step = None"), "'NoneType' object is not callable"),
    "learner-raises": (
        "architectures",
        learner("def predict(self, part): raise ValueError('sour')"),
        "ValueError: sour",
    ),
    "no-layers": (
        "architectures",
        learner("def layers(self): return []"),
        "layers of 'no-layers' have 0 parameters, the network 1",
    ),
    "list-weights": (
        "architectures",
        learner("def weights(self): return [{'a': [self.net.body[1].bias[0].item()]}]"),
        r"weights\(\) of 'list-weights' returns a list as 'a', not a numpy array",
    ),
    # -- losses
    "loss-raises": (
        "losses",
        [("return weight", "raise ValueError('sour'); weight")],
        "ValueError: sour",
    ),
    "loss-text": ("losses", [("return weight *", "return 'x' or")], "returned a str; it must"),
    "loss-vector": (
        "losses",
        [('["target"])', '["target"], reduction="none")')],
        r"a tensor \(",
    ),
    "loss-nan": ("losses", [("return weight", "return float('nan')")], "diverged"),
    # -- tasks
    "empty": ("tasks", [("(20, 2,", "(0, 2,")], "the train part of 'empty' is empty"),
    "nan-data": ("tasks", [("return Split(x,", "x[0] = np.nan; return Split(x,")], "has a NaN"),
    "list-data": ("tasks", [("return Split(x,", "return Split(list(x),")], "not a numpy array"),
    "no-data": ("tasks", [("return Data(", "return (")], "returns a tuple, not a cmpnet.Data"),
    "objects": ("tasks", [(".astype(np.int64)", ".astype(object)")], "has the dtype object"),
    "short-target": ("tasks", [("x[:, 0, 0, 0]", "x[1:, 0, 0, 0]")], "another length than x"),
    "same-parts": ("tasks", [("part(seed, 1)", "part(seed, 0)")], "both the train and the test"),
    "no-seed": ("tasks", [("([seed, stream])", "([stream])")], "ignores the seed"),
    "unseeded-data": ("tasks", [("([seed, stream])", "()")], "different data for the same seed"),
    "fingerprint": ("tasks", [('"v1"', '"a\\nb"')], "the fingerprint of"),
    "changing": ("tasks", [('"v1"', "str(id(object())) + str(np.random.rand())")], "from call to"),
    "load-raises": ("tasks", [("return Data(", "raise OSError('sour'); (")], "OSError: sour"),
    "wrong-type": ("tasks", [(WRONG, f"1 * ({WRONG})")], "int64"),
    "wrong-shape": ("tasks", [(WRONG, f"True or {WRONG}")], r"bool \(\)"),
    "wrong-empty": ("tasks", [(WRONG, f"{WRONG} + (output['verdict'].max() > 9)")], "zero-size"),
    "details-inf": ("tasks", [("[0.5]", "[float('inf')]")], "contains inf, which cannot be stored"),
    "details-list": ("tasks", [('{"confidence": [0.5] * len(mistakes)}', "[]")], "not a mapping"),
    "details-set": ("tasks", [("[0.5] * len(mistakes)", "{1}")], "'confidence' of details"),
    "measures": ("tasks", [("wrong=wrong,", "wrong=wrong, measures={'m': len},")], "measure 'm'"),
    # -- executors
    "drops": ("executors", [(RUN, "yield from []")], "it drops job 0"),
    "repeats": ("executors", [(RUN, f"for m in {RUN[11:]}: yield m; yield m")], "it repeats job 0"),
    "greedy": (
        "executors",
        [(RUN, "yield from super().run(work, iter(list(jobs)))")],
        "without room for it",
    ),
    "unordered": (
        "executors",
        [
            (
                RUN,
                "held = {}\n"
                "            for j, m in super().run(work, jobs):\n"
                "                if j in held: yield j, m; yield j, held.pop(j)\n"
                "                else: held[j] = m",
            )
        ],
        "come in another order",
    ),
    "other-jobs": ("executors", each("yield None, m"), "a job that it was not given: None"),
    "lost": (
        "executors",
        each("yield j, __import__('cmpnet').Lost('the node went away')"),
        "is lost: the node went away",
    ),
    "other-numbers": (
        "executors",
        each(
            "yield j, replace(m, results=tuple(replace(r, parameters=7) for r in m.results))"
            " if hasattr(m, 'results') else m"
        ),
        "has other numbers than in one process",
    ),
    "executor-raises": ("executors", [(RUN, "raise OSError('sour')")], "OSError: sour"),
    "executor-dies": ("executors", [(RUN, "import os; os._exit(8)")], "ended .exit code 8"),
    "no-workers": ("executors", [("(LocalExecutor)", ""), (RUN, "yield")], "TypeError"),
    "threads": (
        "executors",
        [(RUN, "yield from ((j, m) for j in jobs for m in work(j))")],
        "share a process",
    ),
}
JUDGING = ("wrong-", "details-", "verdict-", "good-tasks")  # tasks that need a network
SUITES = {"no-file": "does not exist", "bad-suite": "no architecture", "odd-suite": "Unicode"}
METADATA = {
    "empty_metadata": ("METADATA", b"", "cannot be read: it gives no name"),
    "no_metadata": ("METADATA", None, "cannot be read: it gives no name"),
    "latin_metadata": ("METADATA", b"Name: caf\xe9\nVersion: 1\n", "it is not UTF-8 text"),
    "no_equals": ("entry_points.txt", b"[cmpnet.losses]\nx\n", "not NAME = MODULE:ATTRIBUTE"),
    "latin_points": ("entry_points.txt", b"[cmpnet.losses]\nx = caf\xe9:x\n", "not UTF-8"),
    "one_group": (
        "entry_points.txt",
        b"[cmpnet.loss]\nx = m:X\n",
        "'cmpnet.loss', which does not exist. Did you mean 'cmpnet.losses'?",
    ),
}


def write_distribution(site: Path, name: str, files: dict[str, bytes | None]) -> None:
    info = site / f"{name}-{VERSION}.dist-info"
    info.mkdir(parents=True)
    usual = f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n".encode()
    for file, content in {"METADATA": usual, **files}.items():
        if content is not None:
            (info / file).write_bytes(content)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of the broken distributions, and a good name among the broken ones."""
    folder = tmp_path_factory.mktemp("site")
    groups: dict[str, list[str]] = {}
    good = {f"good-{group}": (group, [], "") for group in GOOD}
    for number, (name, (group, edits, _)) in enumerate({**FAULTS, **good}.items()):
        code = GOOD[group]
        for old, new in edits:
            assert old in code, (name, old)
            code = code.replace(old, new)
        code = textwrap.dedent(code).replace("NAME", name)
        (folder / f"part_{number}.py").write_text(f"{TYPES}\n{code}")
        groups.setdefault(group, []).append(f"{name} = part_{number}:SPEC")
        if name.startswith(JUDGING):
            nets = groups.setdefault("architectures", [])
            nets.append(f"net-{name} = part_{number}:NET")
    groups["suites"] = [
        "good-suite = part_suites",
        "no-file = part_suites",
        "bad-suite = part_suites",
    ]
    groups["suites"] += ["odd-suite = part_suites"]
    suites = folder / "part_suites"
    suites.mkdir()
    arm = 'title = "t"\n[[arm]]\narm = "baseline"\n'
    (suites / "good-suite.toml").write_text(arm)
    (suites / "bad-suite.toml").write_text(arm.replace("baseline", "raises"))
    (suites / "odd-suite.toml").write_bytes(b"\xff")
    text = "".join(f"[cmpnet.{g}]\n" + "\n".join(lines) + "\n" for g, lines in groups.items())
    write_distribution(folder, OWNER.replace("-", "_"), {"entry_points.txt": text.encode()})
    for name, (file, content, _) in METADATA.items():
        points = b"[cmpnet.losses]\nx = m:X\n"
        write_distribution(folder, name, {"entry_points.txt": points, file: content})
    return folder


@pytest.mark.slow  # 40 s
def test_every_broken_name_has_its_reason_and_good_names_pass(site: Path) -> None:
    """All in one test: two processes would check all names twice."""
    done = cmpnet("check", OWNER, "--json", "--timeout", "10", site=site)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    rows = json.loads(done.stdout)["checks"]
    assert {(row["distribution"], row["version"]) for row in rows} == {(OWNER, VERSION)}
    reasons: dict[str, list[str]] = {}
    for row in rows:
        reasons.setdefault(row["name"], []).extend([] if row["ok"] else [row["reason"]])
    expected = {name: reason for name, (_, _, reason) in FAULTS.items()} | SUITES
    odd = {
        name: reasons.get(name)
        for name, reason in expected.items()
        if not any(re.search(reason, one) for one in reasons.get(name, []))
    }
    assert not odd
    assert all(len(reasons[name]) == 1 for name in expected)
    assert not any(re.search(r"\n|Traceback", row["reason"]) for row in rows)
    assert {name for name, some in reasons.items() if not some and "net-" not in name} == {
        *(f"good-{group}" for group in GOOD),
        "good-suite",
    }


def test_damaged_metadata_are_named_and_hide_no_other_distribution(site: Path) -> None:
    done = cmpnet("list", site=site)
    assert done.returncode == 0, done.stderr
    for name, (_, _, reason) in METADATA.items():
        assert any(name in one and reason in one for one in done.stderr.splitlines()), name
    assert "good-losses" in done.stdout
    assert "ws-aux" in done.stdout


def test_other_names_train_beside_broken_plugins(site: Path) -> None:
    arms = ("baseline", "baseline:good-losses", "good-architectures")
    done = cmpnet("bench", *arms, "--repeats", "1", "--epochs", "1", "--pairs", "20", site=site)
    assert done.returncode == 0, done.stderr
