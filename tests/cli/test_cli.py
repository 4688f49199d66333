"""The command line as a user calls it: in a process of its own, in an empty folder."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.helpers import TINY, cmpnet, make_plugin
from tests.tasks.test_mnist import make_folder

QUICK = ("--epochs", "1", "--pairs", "50")


# -- help and listings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        ["--help"],
        ["-h"],
        [],
        ["train", "-h"],
        ["bench", "--help"],
        ["list", "-h"],
        ["show", "-h"],
        ["plot", "-h"],
        ["runs", "-h"],
    ],
)
def test_help_has_worked_examples(call: list[str]) -> None:
    done = cmpnet(*call)
    assert done.returncode == (0 if call else 2)
    command = call[0] if call and not call[0].startswith("-") else "bench"
    assert f"cmpnet {command} " in done.stdout + done.stderr


def test_the_examples_in_the_help_keep_their_brackets() -> None:
    text = cmpnet("bench", "--help").stdout
    assert "'ws-aux:aux-scheduled[alpha=0.25]'" in text
    assert "\\" not in text


def imported_by(call: str, *modules: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that fails if it imports one of the modules."""
    code = (
        f"import sys; from cmpnet.cli import app\n"
        f"try: app({call.split()!r})\n"
        f"except SystemExit: pass\n"
        f"loaded = {set(modules)!r} & set(sys.modules)\n"
        f"sys.exit(f'imported {{loaded}}' if loaded else 0)"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("call", ["--help", "list", "list losses", "--version"])
def test_torch_and_numpy_are_not_imported_for(call: str) -> None:
    done = imported_by(call, "torch", "numpy", "scipy", "plotext", "matplotlib")
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_plotext_is_imported_for_a_picture_alone() -> None:
    call = "train baseline --epochs 2 --pairs 20"
    without = imported_by(f"{call} --no-plot", "plotext", "matplotlib")
    assert without.returncode == 0, without.stderr
    drawn = imported_by(call, "plotext")
    assert "error per epoch" in drawn.stdout
    assert "imported {'plotext'}" in drawn.stderr


def test_list_names_owner_and_version_of_everything() -> None:
    done = cmpnet("list")
    assert done.returncode == 0
    for name in ("baseline", "ws-plain", "ws-aux", "aux-scheduled", "digit-pairs", "table3"):
        assert name in done.stdout
    assert "\x1b" not in done.stdout


def test_list_check_shows_a_broken_plugin_with_its_reason(tmp_path: Path) -> None:
    make_plugin(tmp_path / "s", "bad-plugin", "1 / 0", {"losses": {"bad": "BAD"}})
    plain = cmpnet("list", "losses", site=tmp_path / "s")
    assert "bad-plugin" in plain.stdout
    assert "ZeroDivisionError" not in plain.stdout
    checked = cmpnet("list", "losses", "--check", site=tmp_path / "s")
    assert "ZeroDivisionError" in checked.stdout
    assert checked.returncode == 0
    off = cmpnet("list", "losses", "--no-plugin", "bad-plugin", site=tmp_path / "s")
    assert "\n bad " not in off.stdout
    env = {"CMPNET_DISABLE_PLUGINS": "bad-plugin"}
    assert cmpnet("list", "losses", site=tmp_path / "s", environment=env).stdout == off.stdout


def test_show_gives_source_options_bounds_and_layers_that_add_up() -> None:
    done = cmpnet("show", "ws-aux")
    assert done.returncode == 0, done.stderr
    for piece in (
        "Report 2, section D",
        "dropout2d",
        "a number from 0 to 1",
        "aux-discounted",
        "ConvPool",
        "32 x 6 x 6",
    ):
        assert piece in done.stdout
    rows = done.stdout[done.stdout.index("Layer") :].splitlines()
    counts = [
        int(row.split()[-1].replace(",", ""))
        for row in rows
        if row.split()[-1:] and row.split()[-1].replace(",", "").isdigit()
    ]
    assert sum(counts[:-1]) == counts[-1] > 0


@pytest.mark.parametrize("name", ["aux-scheduled", "digit-pairs", "table3", "ce"])
def test_show_works_for_every_kind_of_name(name: str) -> None:
    done = cmpnet("show", name)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


# -- train and bench ------------------------------------------------------------------------------


def test_train_prints_a_line_an_epoch_a_table_and_a_curve() -> None:
    done = cmpnet("train", "ws-aux", "--alpha", "0.75", "--epochs", "3", "--pairs", "50")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all(word in lines[0] for word in ("train loss", "train error", "test error", "ETA"))
    assert "ws-aux[alpha=0.75]" in done.stdout
    assert "epochs" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["train", "bench"])
def test_a_terminal_without_unicode_gets_ascii(command: str) -> None:
    env = {"PYTHONIOENCODING": "ascii"}
    done = cmpnet(command, "ws", "--epochs", "2", "--pairs", "50", environment=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "----" in done.stdout


def test_quiet_leaves_stderr_empty() -> None:
    assert cmpnet("train", "baseline", *QUICK, "--quiet").stderr == ""
    assert cmpnet("bench", "baseline", *QUICK, "--repeats", "1", "-q").stderr == ""


def test_train_is_the_benchs_repeat_and_shares_its_store() -> None:
    first = cmpnet("bench", "baseline", *QUICK, "--repeats", "2")
    assert first.returncode == 0, first.stderr
    then = cmpnet("train", "baseline", *QUICK, "--seed", "1", "--export-json", "t.json")
    assert "came from the store" in then.stdout
    bench = cmpnet("bench", "baseline", *QUICK, "--repeats", "2", "--export-json", "-")
    repeats = json.loads(bench.stdout)["arms"][0]["repeats"]
    assert json.loads(Path("t.json").read_text())["arms"][0]["repeats"] == repeats[1:]


def test_bench_exports_schema_1_with_every_raw_number() -> None:
    done = cmpnet(
        "bench",
        "baseline",
        "ws-aux:aux-scheduled[alpha=0.25]",
        *QUICK,
        "--repeats",
        "2",
        "--seed",
        "5",
        "--export-json",
        "-",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert [arm["name"] for arm in document["arms"]] == [
        "baseline",
        "ws-aux:aux-scheduled[alpha=0.25]",
    ]
    arm = document["arms"][1]
    assert arm["loss"] == "aux-scheduled"
    assert arm["options"]["loss"] == {"alpha": 0.25, "decay": "linear"}
    assert [repeat["seed"] for repeat in arm["repeats"]] == [5, 6]
    errors = [repeat["test_error"] for repeat in arm["repeats"]]
    assert arm["test_error"]["mean"] == pytest.approx(sum(errors) / 2)
    assert arm["test_error"]["sd"] == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5)
    (row,) = document["comparisons"]
    assert (row["arm"], row["reference"], row["n"]) == (arm["name"], "baseline", 2)
    assert row["p"] is None
    assert arm["repeats"][0]["curves"]["test_error"] == errors[:1]
    assert arm["repeats"][0]["error_count"] == round(errors[0] * 50)
    provenance = document["provenance"]
    for field in (
        "cmpnet",
        "python",
        "torch",
        "numpy",
        "threads",
        "device",
        "cpu",
        "data_sha256",
        "plugins",
        "started",
        "seconds",
    ):
        assert field in provenance
    assert str(Path.cwd()) not in done.stdout
    assert os.uname().nodename not in done.stdout


def test_a_bench_that_was_interrupted_goes_on_with_what_is_missing() -> None:
    cmpnet("bench", "baseline", *QUICK, "--repeats", "1")
    done = cmpnet("bench", "baseline", *QUICK, "--repeats", "3")
    assert "1 of 3 repeats came from the store" in done.stdout
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["[1/3]", "[2/3]", "[3/3]"]


def test_the_store_can_be_elsewhere() -> None:
    cmpnet("bench", "baseline", *QUICK, "--repeats", "1", "--store", "kept")
    env = {"CMPNET_STORE": "kept"}
    done = cmpnet("bench", "baseline", *QUICK, "--repeats", "1", environment=env)
    assert "1 of 1 repeats came from the store" in done.stdout
    assert not Path(".cmpnet").exists()


def test_a_checkpoint_has_the_weights_and_what_they_are() -> None:
    done = cmpnet("train", "ws", *QUICK, "--save", "ws.safetensors", "-o", "hidden=8")
    assert done.returncode == 0, done.stderr
    weights = load_file("ws.safetensors")
    assert weights["digits.0.weight"].shape == (8, 256)
    header = Path("ws.safetensors").read_bytes()[8:2000].decode(errors="ignore")
    assert "aux" not in header
    assert '\\"hidden\\": 8' in header
    mode = stat.S_IMODE(Path("ws.safetensors").stat().st_mode)
    assert mode & 0o400


def test_another_data_set_in_a_folder_is_used(tmp_path: Path) -> None:
    make_folder(tmp_path / "other", digits=40)
    done = cmpnet("train", "baseline", "--epochs", "1", "--pairs", "20", "--data-dir", "other")
    assert done.returncode == 0, done.stderr
    more = cmpnet("train", "baseline", "--epochs", "1", "--pairs", "21", "--data-dir", "other")
    assert more.returncode == 2
    assert "at most 20 pairs" in more.stderr


def test_a_diverged_repeat_is_shown_as_such_and_exits_with_1() -> None:
    done = cmpnet(
        "bench",
        "ws-plain",
        "baseline",
        "--epochs",
        "3",
        "--pairs",
        "60",
        "--repeats",
        "1",
        "--lr",
        "1000",
    )
    assert done.returncode == 1
    assert "0 of 1" in done.stdout
    assert "diverged" in done.stdout


def test_a_failing_arm_exits_with_1_and_the_others_are_done(tmp_path: Path) -> None:
    code = TINY.replace("return Net(width)", "raise ValueError('sour milk')")
    make_plugin(tmp_path / "s", "sour", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet("bench", "tiny", "baseline", *QUICK, "--repeats", "1", site=tmp_path / "s")
    assert done.returncode == 1
    assert "ValueError: sour milk" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "from the store" in cmpnet("train", "baseline", *QUICK).stdout


@pytest.mark.parametrize("command", ["train", "bench"])
def test_stdout_is_pure_json_whatever_a_plugin_prints(command: str, tmp_path: Path) -> None:
    code = TINY.replace("import torch", "import torch; print('at import')")
    code = code.replace("return Net(width)", "print('at build'); return Net(width)")
    make_plugin(tmp_path / "s", "chatty", code, {"architectures": {"tiny": "TINY"}})
    repeats = ["--repeats", "1"] if command == "bench" else []
    done = cmpnet(command, "tiny", *QUICK, *repeats, "--export-json", "-", site=tmp_path / "s")
    assert json.loads(done.stdout)["arms"][0]["name"] == "tiny"
    assert "at build" in done.stderr


def test_no_path_goes_into_an_export_or_a_checkpoint(tmp_path: Path) -> None:
    make_folder(tmp_path / "secret", digits=40)
    arm = f"baseline[data-dir={tmp_path / 'secret'}]"
    done = cmpnet(
        "bench", arm, "--epochs", "1", "--pairs", "20", "--repeats", "1", "--export-json", "-"
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stdout
    cmpnet(
        "train",
        "baseline",
        "--epochs",
        "1",
        "--pairs",
        "20",
        "--data-dir",
        "secret",
        "--save",
        "net.safetensors",
    )
    assert b"secret" not in Path("net.safetensors").read_bytes()


def test_the_cause_of_a_failure_is_exported_without_its_traceback(tmp_path: Path) -> None:
    code = TINY.replace("return Net(width)", "raise ValueError('sour milk')")
    make_plugin(tmp_path / "s", "sour", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet(
        "bench", "tiny", *QUICK, "--repeats", "1", "--export-json", "-", site=tmp_path / "s"
    )
    (result,) = json.loads(done.stdout)["arms"][0]["repeats"]
    assert result["cause"] == "ValueError: sour milk"


FAULTS = {
    "no default": ("width: int = 4", "width: int"),
    "'NoSuch' is not defined": ("width: int = 4", "width: NoSuch = 4"),
    "There is no task": ('task="digit-pairs"', 'task="nowhere"'),
    "No module named": ('loss="ce"', 'loss="ce", learner="nowhere:L"'),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_plugin_with_a_fault_is_a_sentence_and_found_by_list_check(
    said: str, tmp_path: Path
) -> None:
    code = TINY.replace(*FAULTS[said])
    make_plugin(tmp_path / "s", "faulty", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet("bench", "tiny", *QUICK, site=tmp_path / "s")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    checked = cmpnet("list", "architectures", "--check", site=tmp_path / "s").stdout
    row = " ".join(checked[checked.index("tiny") :].split())
    assert "broken" in row


def test_a_net_that_cannot_be_built_is_a_sentence_in_show(tmp_path: Path) -> None:
    code = TINY.replace("return Net(width)", "raise SystemExit(3)")
    make_plugin(tmp_path / "s", "leaver", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet("show", "tiny", site=tmp_path / "s")
    assert done.returncode == 2
    assert "leaver 1.0" in done.stderr


# -- wrong calls ----------------------------------------------------------------------------------

WRONG = [
    (["train", "wsaux"], "Did you mean 'ws-aux'"),
    (["train", "ws-aux", "--loss", "aux-constnat"], "Did you mean 'aux-constant'"),
    (["train", "baseline", "--loss", "aux-constant"], "needs 'digits'"),
    (["train", "ws-aux", "--alpha", "1.5"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "-0.5"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "much"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "nan"], "a number from 0 to 1"),
    (["train", "baseline", "--alpha", "0.5"], "None of these arms has an option 'alpha'"),
    (["train", "ws", "--epochs", "0"], "a whole number from 1"),
    (["train", "ws", "--pairs", "5001"], "at most 5000 pairs"),
    (["train", "ws", "-o", "nonsense"], "NAME=VALUE"),
    (["train", "ws", "--device", "abacus"], "--device cpu"),
    (["train", "ws", "--data-dir", "nowhere"], "does not exist"),
    (["train", "ws", "--export-json", "no/such/folder/x.json"], "Cannot write the JSON export"),
    (["train", "ws", "--save", "."], "Cannot write the checkpoint"),
    (["train", "ws", "--store", "file"], "Cannot write the store"),
    (["bench", "ws", "ws"], "given twice"),
    (["bench", "--repeats", "0"], "repeats is '0'; it must be a whole number from 1"),
    (["bench", "--workers", "none"], "workers is 'none'; it must be a whole number from 1"),
    (["bench", "--suite", "table5"], "Did you mean 'table"),
    (["bench", "ws", "--suite", "table3"], "names its own arms"),
    (["show", "nothing"], "There is no name 'nothing'"),
    (["list", "loses"], "Did you mean 'losses'"),
    (["trian"], "Did you mean 'train'"),
    (["train", "ws", "--save", "-"], "--save takes a file"),
    (["train", "ws", "--save", "x", "--export-json", "x"], "two different files"),
    (["train", "ws-aux", "--alpha", "0.5", "-o", "alpha=0.7"], "given twice"),
    (["train", "ws:"], "is not an arm"),
    (["show", "ce", "-o", "bogus=1"], "None of these arms has an option 'bogus'"),
]


@pytest.mark.parametrize(("call", "said"), WRONG, ids=[" ".join(call) for call, _ in WRONG])
def test_a_wrong_call_is_one_sentence_and_exit_2(call: list[str], said: str) -> None:
    Path("file").write_text("in the way")
    before = set(Path.cwd().iterdir())
    done = cmpnet(*call)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert set(Path.cwd().iterdir()) - before <= {Path.cwd() / ".cmpnet"}


def test_a_corrupt_store_is_refused_and_left_alone() -> None:
    Path(".cmpnet").mkdir()
    path = Path(".cmpnet/results.sqlite")
    path.write_bytes(b"garbage " * 1000)
    done = cmpnet("bench", "baseline", *QUICK)
    assert done.returncode == 2
    assert "move it away" in done.stderr
    assert path.read_bytes() == b"garbage " * 1000


def test_an_existing_export_is_left_whole_when_the_call_fails() -> None:
    Path("old.json").write_text("precious")
    done = cmpnet("train", "ws", "--alpha", "0.5", "--export-json", "old.json")
    assert done.returncode == 2
    assert Path("old.json").read_text() == "precious"


def test_the_store_is_a_plain_sqlite_file_with_provenance() -> None:
    cmpnet("bench", "baseline", *QUICK, "--repeats", "2")
    with sqlite3.connect(".cmpnet/results.sqlite") as db:
        rows = db.execute("SELECT seed, status, identity, provenance FROM repeats").fetchall()
        run = db.execute("SELECT finished FROM runs").fetchall()
    db.close()
    assert sorted(row[0] for row in rows) == [0, 1]
    assert json.loads(rows[0][2])["config"]["epochs"] == 1
    assert json.loads(rows[0][3])["torch"]
    assert run[0][0]


# -- pictures -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a bench of three arms."""
    store = str(tmp_path_factory.mktemp("drawn") / "store")
    arms = ("ws-aux", "ws-aux[alpha=0.5]", "baseline")
    done = cmpnet(
        *("bench", *arms, "--epochs", "2", "--pairs", "100", "--repeats", "2", "--store", store)
    )
    assert done.returncode == 0, done.stderr
    assert "█ mean" in done.stdout
    assert done.stdout.count("•") >= 4
    return store


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["errors", "--train"], "ws-aux, train (n=2)"),
        (["compare"], "█ mean"),
        (["box", "baseline"], "baseline"),
        (["confusion", "ws-aux"], "true digit"),
        (["alpha"], "ws-aux:aux-discounted (n=4)"),
        (["alpha", "ws-aux"], "alpha"),
        (["pairs", "baseline", "--width", "60"], "says"),
    ],
)
def test_plot_draws_what_the_store_holds_without_training(
    drawn: str, call: list[str], said: str
) -> None:
    before = (Path(drawn) / "results.sqlite").read_bytes()
    done = cmpnet("plot", *call, "--store", drawn)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "from " in done.stdout.splitlines()[-1]
    assert "\x1b" not in done.stdout
    assert (Path(drawn) / "results.sqlite").read_bytes() == before


def test_plot_saves_pictures_and_runs_lists_what_can_be_drawn(drawn: str) -> None:
    done = cmpnet("plot", "compare", "--save", "c.svg", "--store", drawn)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "ws-aux[alpha=0.5]" in Path("c.svg").read_text()
    listed = cmpnet("runs", "--store", drawn)
    assert "baseline" in listed.stdout
    assert "yes" in listed.stdout
    run = next(line.split()[0] for line in listed.stdout.splitlines() if "ws-aux" in line)
    assert "ws-aux" in cmpnet("plot", "errors", run[:6], "--store", drawn).stdout


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["erors"], "Did you mean 'errors'"),
        (["errors", "ws-axu"], "Did you mean 'ws-aux'"),
        (["map"], "its samples are not points of a plane"),
        (["errors", "--save", "x.doc"], "takes a name in .svg, .png or .pdf"),
        (["errors", "--save", "no/such/x.svg"], "Cannot write the picture"),
        (["errors", "--width", "3"], "width is '3'; it must be a whole number from 20"),
        (["errors", "--store", "nowhere"], "has no results to draw"),
    ],
)
def test_a_picture_that_cannot_be_is_one_sentence_and_exit_2(
    drawn: str, call: list[str], said: str
) -> None:
    done = cmpnet("plot", *call, environment={"CMPNET_STORE": drawn})
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Path("nowhere").exists()


def test_an_arm_that_diverged_is_drawn_as_such() -> None:
    quick = ("--epochs", "3", "--pairs", "60", "--repeats", "1", "--no-plot")
    cmpnet("bench", "ws-plain", *quick, "--lr", "1000")
    for kind in ("errors", "compare", "box"):
        done = cmpnet("plot", kind)
        assert done.returncode == 0, done.stderr
        assert "1 diverged" in done.stdout


def test_no_plot_leaves_the_picture_out() -> None:
    for call in (["train", "baseline", "--epochs", "2"], ["bench", "baseline", "--epochs", "1"]):
        more = ["--repeats", "1"] if call[0] == "bench" else []
        done = cmpnet(*call, *more, "--pairs", "50", "--no-plot")
        assert "│" not in done.stdout
        assert "Test error %" in done.stdout
