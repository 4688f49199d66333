"""What was edited after its import is not what this process runs: its numbers are not kept."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import cmpnet
from cmpnet.spec import RepeatResult
from tests import helpers
from tests.helpers import QUICK, TINY, make_plugin, variables

HELPED = "    import helper\n" + TINY.replace("Net(width)", "Net(helper.WIDTH)")
POINTS = {"architectures": {"tiny": "TINY"}}


def parameters(width: int) -> int:
    """Of ``tiny``: the number tells which version of the helper was run."""
    return 395 * width + 2


def write(site: Path, width: int) -> None:
    """Edit the helper, and hide that by an old time, as copying may."""
    (site / "helper.py").write_text(f"WIDTH = {width}\n")
    os.utime(site / "helper.py", (time.time() - 1000, time.time() - 1000))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A plugin that imports a module of no distribution."""
    make_plugin(tmp_path / "site", "tiny-plugin", HELPED, POINTS)
    write(tmp_path / "site", 4)
    return tmp_path / "site"


@pytest.fixture
def imported_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, to be imported by this process."""
    monkeypatch.syspath_prepend(str(site))
    for name in ("helper", "tiny_plugin"):
        sys.modules.pop(name, None)
    yield site
    for name in ("helper", "tiny_plugin"):
        sys.modules.pop(name, None)


def train(seed: int = 0) -> RepeatResult:
    return cmpnet.train("tiny", seed=seed, epochs=1, pairs=20).arms[0].repeats[seed]


def test_an_edit_between_two_trainings_of_one_process_fails_the_second(imported_site: Path) -> None:
    assert train().parameters == parameters(4)
    write(imported_site, 5)
    edited = train()
    assert edited.status == "failed"
    assert "its code changed while it ran (helper.py)" in edited.cause


def test_a_module_that_is_imported_again_after_an_edit_is_trained(imported_site: Path) -> None:
    assert train().parameters == parameters(4)
    write(imported_site, 5)
    importlib.reload(sys.modules["helper"])
    assert train().parameters == parameters(5)
    write(imported_site, 4)
    importlib.reload(sys.modules["helper"])
    assert train().parameters == parameters(4), "from the store"


def test_an_edit_during_the_import_fails_the_training_and_is_not_stored(site: Path) -> None:
    plugin = site / "tiny_plugin.py"
    wait = "import helper, time\nopen('imported', 'w').close()\ntime.sleep(2)\n"
    plugin.write_text(plugin.read_text().replace("import helper\n", wait, 1))
    arguments = ("train", "tiny", *QUICK, "--no-plot")
    with subprocess.Popen(
        [sys.executable, "-m", "cmpnet", *arguments],
        env=variables(site),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while not Path("imported").exists() and process.poll() is None:
            time.sleep(0.02)
        write(site, 5)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "its code changed while it ran (helper.py)" in output
    again = helpers.cmpnet(*arguments, "--export-json", "x.json", site=site)
    assert again.returncode == 0, again.stderr
    assert f'"parameters": {parameters(5)}' in Path("x.json").read_text()


SCRIPT = """
import cmpnet.api, helper, pathlib, time
time.sleep(1)  # bytecode has the time of its source in seconds
pathlib.Path(helper.__file__).write_text("WIDTH = 5\\n")
repeat = cmpnet.train("tiny", epochs=1, pairs=20).arms[0].repeats[0]
print(repeat.status, repeat.cause.partition(";")[0])
"""


def test_an_edit_before_the_first_training_shows_by_the_bytecode(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**variables(site), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "failed its code changed while it ran (helper.py)\n", done.stderr
