"""A stored number is reused only while all that was imported to compute it is the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import cmpnet
from cmpnet import jobs
from cmpnet.arms import Shared, resolve
from cmpnet.events import Epoch, Finished, Planned, Trained
from cmpnet.registry import Registry
from cmpnet.runtime.imports import digest_of, imported, still_here
from tests import helpers
from tests.helpers import QUICK, TINY, make_plugin
from tests.tasks.test_mnist import make_folder

# One weight more or less per unit: the number of parameters tells which code was run.
HELPED = "    import helper\n" + TINY.replace("Net(width)", "Net(helper.width())")
HELPER = "def width():\n    return 4\n"
POINTS = {"architectures": {"tiny": "TINY"}}
SMALL = {"epochs": 1, "pairs": 20}


def parameters(width: int) -> int:
    return 393 * width + 2 * width + 2


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A plugin that imports a package ``helper``, which no distribution owns."""
    folder = tmp_path / "site"
    make_plugin(folder, "tiny-plugin", HELPED, POINTS)
    (folder / "helper").mkdir()
    (folder / "helper" / "__init__.py").write_text(HELPER)
    return folder


@pytest.fixture
def imported_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, to be imported by this process."""
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in ("helper", "tiny_plugin"):
        sys.modules.pop(name, None)


def bench(site: Path, *arguments: str) -> tuple[bool, int]:
    """Whether a repeat came from the store, and how many parameters its network had."""
    few = ("--repeats", "1", "--no-plot", "--export-json", "x.json")
    done = helpers.cmpnet("bench", "tiny", *QUICK, *few, *arguments, site=site)
    assert done.returncode == 0, done.stderr
    assert str(site) not in Path("x.json").read_text()
    (arm,) = json.loads(Path("x.json").read_text())["arms"]
    return "1 of 1 repeats came from the store" in done.stdout, arm["parameters"]


def edit_code(site: Path) -> None:
    (site / "helper" / "__init__.py").write_text(HELPER.replace("4", "16"))


def use_data_at_import(site: Path) -> None:
    code = (
        "import json, pathlib\n"
        "SIZE = json.loads((pathlib.Path(__file__).parent / 'size.json').read_text())\n"
        "def width():\n    return SIZE\n"
    )
    (site / "helper" / "__init__.py").write_text(code)
    (site / "helper" / "size.json").write_text("4")


def use_data_in_build(site: Path) -> None:
    code = (
        "import json, pathlib\n"
        "def width():\n"
        "    return json.loads((pathlib.Path(__file__).parent / 'size.json').read_text())\n"
    )
    (site / "helper" / "__init__.py").write_text(code)
    (site / "helper" / "size.json").write_text("4")


def edit_data(site: Path) -> None:
    (site / "helper" / "size.json").write_text("16")


def install_helper(site: Path, version: str = "1.0", width: str = "4") -> None:
    """``helper`` as one module of a release."""
    (site / "helper" / "__init__.py").unlink(missing_ok=True)
    for old in site.glob("helper-*"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    code = HELPER.replace("4", width)
    (site / "helper.py").write_text(code)
    info = site / f"helper-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: helper\nVersion: {version}\n")
    (info / "RECORD").write_text(f"helper.py,sha256=x,{len(code)}\n")


def upgrade(site: Path) -> None:
    install_helper(site, "2.0", "16")


@pytest.mark.parametrize(
    ("prepare", "edit"),
    [
        (lambda site: None, edit_code),
        (use_data_at_import, edit_data),
        pytest.param(use_data_in_build, edit_data, marks=pytest.mark.slow),
        pytest.param(install_helper, upgrade, marks=pytest.mark.slow),
    ],
    ids=["helper", "data-at-import", "data-in-build", "version"],
)
def test_after_an_edit_the_old_number_is_not_served(
    site: Path, prepare: Callable[[Path], None], edit: Callable[[Path], None]
) -> None:
    prepare(site)
    assert bench(site) == (False, parameters(4))
    assert bench(site) == (True, parameters(4))
    edit(site)
    assert bench(site) == (False, parameters(16))


def test_a_release_is_named_by_its_version_though_its_code_is_the_same(site: Path) -> None:
    install_helper(site)
    assert bench(site)[0] is False
    install_helper(site, "1.1")
    assert bench(site)[0] is False


def test_an_edit_that_is_undone_finds_the_older_number(site: Path) -> None:
    bench(site)
    edit_code(site)
    bench(site)
    (site / "helper" / "__init__.py").write_text(HELPER)
    assert bench(site) == (True, parameters(4))


def test_train_and_bench_reuse_what_the_other_has_trained(site: Path) -> None:
    done = helpers.cmpnet("train", "tiny", *QUICK, "--no-plot", site=site)
    assert done.returncode == 0, done.stderr
    assert bench(site) == (True, parameters(4))
    bench(site, "--seed", "1")
    done = helpers.cmpnet("train", "tiny", *QUICK, "--seed", "1", "--no-plot", site=site)
    assert "came from the store" in done.stdout, done.stdout


def test_a_file_that_a_record_depends_on_is_part_of_its_identity(site: Path) -> None:
    code = TINY.replace('loss="ce")', 'loss="ce", depends=("rates.json",))').replace(
        "return Net(width)",
        "import json, pathlib\n"
        "        rates = pathlib.Path(__file__).parent / 'rates.json'\n"
        "        return Net(json.loads(rates.read_text()))",
    )
    make_plugin(site, "tiny-plugin", code, POINTS)
    (site / "rates.json").write_text("4")
    assert bench(site) == (False, parameters(4))
    assert bench(site) == (True, parameters(4))
    (site / "rates.json").write_text("16")
    assert bench(site) == (False, parameters(16))
    (site / "rates.json").unlink()
    done = helpers.cmpnet("bench", "tiny", *QUICK, site=site)
    assert done.returncode == 2
    assert "'tiny' depends on 'rates.json', which does not exist" in done.stderr


def test_what_a_module_beside_a_script_imports_is_part_of_its_identity(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(HELPED.replace("    ", "", 1).replace("\n    ", "\n"))
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "script.py").write_text(
        "import cmpnet, mine\n"
        "arm = cmpnet.bench(mine.TINY, repeats=1, epochs=1, pairs=20).arms[0]\n"
        "print(arm.stored, arm.repeats[0].status, arm.repeats[0].parameters)\n"
    )

    def run() -> str:
        import subprocess

        command = [sys.executable, "script.py"]
        done = subprocess.run(
            command, env=helpers.variables(), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert run() == f"0 ok {parameters(4)}"
    assert run() == f"1 ok {parameters(4)}"
    (tmp_path / "helper.py").write_text(HELPER.replace("4", "16"))
    assert run() == f"0 ok {parameters(16)}"


# -- edits while it runs --------------------------------------------------------------------------


def test_an_edit_of_a_helper_during_a_training_fails_it_and_a_rerun_trains_it(site: Path) -> None:
    edits = (
        "path = __import__('pathlib').Path(helper.__file__)\n"
        "        if path.read_text() != 'def width():\\n    return 16\\n':\n"
        "            path.write_text('def width():\\n    return 16\\n')\n"
        "        return Net(width)"
    )
    code = "    import helper\n" + TINY.replace("return Net(width)", edits)
    make_plugin(site, "tiny-plugin", code, POINTS)
    done = helpers.cmpnet("bench", "tiny", *QUICK, "--repeats", "1", "--no-plot", site=site)
    assert done.returncode == 1
    assert "its code changed while it ran (helper/__init__.py); rerun the same command" in (
        done.stdout + done.stderr
    )
    assert bench(site)[0] is False
    assert bench(site)[0] is True


def test_an_edit_between_two_jobs_of_one_worker_fails_the_later_one(
    imported_site: Path, tmp_path: Path
) -> None:
    def edit(event: object) -> None:
        if isinstance(event, Finished):
            edit_code(imported_site)

    small = {**SMALL, "repeats": 2, "workers": 1, "store": tmp_path / "store"}
    first = cmpnet.bench("tiny", on_event=edit, **small).arms[0]
    assert [repeat.status for repeat in first.repeats.values()] == ["ok", "failed"], first.repeats
    assert "its code changed while it ran (helper" in first.repeats[1].cause
    again = cmpnet.bench("tiny", **small).arms[0]
    assert again.stored == 0
    assert {repeat.parameters for repeat in again.repeats.values()} == {parameters(16)}


@pytest.mark.parametrize("file", ["tiny_plugin.py", "helper/__init__.py"])
def test_an_edit_during_train_is_noticed(imported_site: Path, tmp_path: Path, file: str) -> None:
    def edit(event: object) -> None:
        path = imported_site / file
        path.write_text(path.read_text() + "\n")

    small = {**SMALL, "store": tmp_path / "store"}
    (repeat,) = cmpnet.train("tiny", on_event=edit, **small).arms[0].repeats.values()
    assert repeat.status == "failed"
    assert "its code changed while it ran" in repeat.cause
    assert cmpnet.train("tiny", **small).arms[0].stored == 0


# -- what is recorded -----------------------------------------------------------------------------


def test_a_job_fails_in_a_process_that_computes_other_bits_than_were_planned() -> None:
    (plan,) = jobs.plan([resolve("baseline", Registry(), Shared(SMALL))])
    other = replace(plan, code={**plan.code, "numerics": "torch-other"})
    guard = jobs.Guard(jobs.Job(0, plan.arm, (0,), other))
    (event,) = guard.train()
    assert isinstance(event, Trained)
    assert event.results[0].status == "failed"
    assert "computes other bits" in event.results[0].cause


def test_python_cmpnet_and_the_command_line_are_not_recorded() -> None:
    import rich.table
    import typer

    assert rich.table
    assert typer
    recorded = imported()
    names = {*recorded.versions, *(name.split("/")[0] for name in recorded.files)}
    assert names.isdisjoint({"rich", "typer", "pygments", "plotext", "json", "cmpnet"})
    assert {"torch", "numpy"} <= recorded.versions.keys()
    assert still_here(recorded)


def test_an_installed_file_that_was_edited_is_recorded_by_its_content(
    imported_site: Path,
) -> None:
    install_helper(imported_site)
    __import__("helper")
    assert "helper.py" not in imported().files
    (imported_site / "helper.py").write_text(HELPER + "\n")
    assert imported().files["helper.py"] == digest_of(imported_site / "helper.py")


def test_caches_and_hidden_files_are_no_content(tmp_path: Path) -> None:
    (tmp_path / "p" / "__pycache__").mkdir(parents=True)
    (tmp_path / "p" / "__init__.py").write_text("")
    before = digest_of(tmp_path / "p")
    for name in ("__pycache__/x", "old.pyc", ".hidden"):
        (tmp_path / "p" / name).write_text("x")
    assert digest_of(tmp_path / "p") == before
    (tmp_path / "p" / "data.json").write_text("x")
    assert digest_of(tmp_path / "p") != before


# -- data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["train", "bench"])
def test_data_that_is_swapped_after_planning_is_not_stored_under_the_old_fingerprint(
    tmp_path: Path, verb: str
) -> None:
    make_folder(tmp_path / "digits")
    make_folder(tmp_path / "other", digits=50)

    def swap(event: object) -> None:
        if isinstance(event, Planned):
            for file in (tmp_path / "other").iterdir():
                (tmp_path / "digits" / file.name).write_bytes(file.read_bytes())

    small = {"epochs": 1, "pairs": 10, "data_dir": str(tmp_path / "digits"), "store": tmp_path}
    few = {"repeats": 1} if verb == "bench" else {}
    call: Callable[..., cmpnet.Results] = getattr(cmpnet, verb)
    (repeat,) = call("baseline", on_event=swap, **few, **small).arms[0].repeats.values()
    assert repeat.status == "failed"
    assert repeat.cause == "its data changed while it ran; rerun the same command"
    again = call("baseline", **few, **small).arms[0]
    assert again.stored == 0
    assert again.repeats[0].status == "ok"


def test_data_that_changes_during_a_training_fails_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "digits")
    make_folder(tmp_path / "other", digits=50)

    def swap(event: object) -> None:
        if isinstance(event, Epoch):
            for file in (tmp_path / "other").iterdir():
                (tmp_path / "digits" / file.name).write_bytes(file.read_bytes())

    small = {"epochs": 1, "pairs": 10, "data_dir": str(tmp_path / "digits"), "store": tmp_path}
    (repeat,) = cmpnet.train("baseline", on_event=swap, **small).arms[0].repeats.values()
    assert repeat.cause == "its data changed while it ran; rerun the same command"
