"""The code version of a plugin changes with any file that could change its numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cmpnet import CmpnetError, provenance
from cmpnet.arms import resolve
from cmpnet.registry import Registry
from tests.helpers import variables


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editable install with two packages; an entry point names only one of them."""
    home, site = tmp_path / "checkout", tmp_path / "site"
    for package in ("shell_pkg", "core_pkg"):
        (home / package).mkdir(parents=True)
        (home / package / "__init__.py").write_text("VALUE = 1\n")
    info = site / "shell-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shell\nVersion: 1.0\n")
    (info / "RECORD").write_text("shell.pth,,\n")
    (info / "entry_points.txt").write_text("[cmpnet.losses]\nshell = shell_pkg:X\n")
    origin = {"url": home.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(str(home))
    return home


def version(owner: str) -> str:
    return provenance.code_version(owner)


@pytest.mark.parametrize("package", ["shell_pkg", "core_pkg"])
def test_an_edit_in_any_package_of_a_checkout_changes_the_version(
    checkout: Path, package: str
) -> None:
    before = version("shell")
    assert before == version("shell")
    (checkout / package / "__init__.py").write_text("VALUE = 2\n")
    assert version("shell") != before


def test_an_edit_of_data_beside_the_code_changes_the_version(checkout: Path) -> None:
    (checkout / "core_pkg" / "rates.json").write_text("1")
    before = version("shell")
    (checkout / "core_pkg" / "rates.json").write_text("2")
    assert version("shell") != before


def test_renaming_a_file_changes_the_version(checkout: Path) -> None:
    (checkout / "core_pkg" / "a.py").write_text("")
    before = version("shell")
    (checkout / "core_pkg" / "a.py").rename(checkout / "core_pkg" / "b.py")
    assert version("shell") != before


def test_a_change_of_the_core_that_trains_changes_the_version_and_a_new_table_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "cmpnet"
    shutil.copytree(Path(provenance.__file__).parent, home)
    monkeypatch.setattr(provenance, "__file__", str(home / "provenance.py"))
    before = version("cmpnet")
    (home / "output" / "new_table.py").write_text("")
    assert version("cmpnet") == before
    for name in provenance.ENGINE:
        changed = home / name if name.endswith(".py") else home / name / "__init__.py"
        assert changed.exists(), f"'{name}' is gone, and no longer part of the version"
        changed.write_text(f"{changed.read_text()}\n")
        assert version("cmpnet") != before
        before = version("cmpnet")


OWN = """
from cmpnet import Architecture
from cmpnet.runtime.code_digest import digest

SCALE = 2

class Net:
    kinds = {"a", "b", "c"}

    def __init__(self, width):
        self.size = [SCALE * width for kind in self.kinds]

def build(*, width: int = 3):
    return Net(width)

OWN = Architecture(name="own", summary="", build=build, outputs={"verdict": (2,)},
                   task="digit-pairs", loss="ce")

if __name__ == "__main__":
    print(digest([OWN]))
"""


def version_of_own(script: str, name: str = "script.py", hash_seed: str = "0") -> str:
    """The version that a script's network of its own has, in a new process."""
    Path(name).write_text(script)
    environment = {**variables(), "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, name], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_record_of_ones_own_has_the_same_version_in_every_process_and_file() -> None:
    first = version_of_own(OWN)
    assert len(first) == 12
    assert version_of_own(f"# a comment\n\n{OWN}", "another.py", hash_seed="1") == first


@pytest.mark.parametrize(
    ("old", "new"),
    [("SCALE = 2", "SCALE = 3"), ("width for", "-width for"), ("int = 3", "int = 4")],
)
def test_any_change_of_its_code_changes_the_version(old: str, new: str) -> None:
    assert old in OWN
    assert version_of_own(OWN.replace(old, new)) != version_of_own(OWN)


def test_the_source_of_a_module_beside_the_script_is_part_of_the_version() -> None:
    Path("mine.py").write_text(OWN)
    script = OWN[: OWN.index("SCALE")] + "from mine import OWN\n" + OWN[OWN.index("if __name__") :]
    before = version_of_own(script)
    assert version_of_own(script) == before
    Path("mine.py").write_text(OWN.replace("SCALE = 2", "SCALE = 3"))
    assert version_of_own(script) != before


def test_registered_records_have_the_versions_of_their_distributions_only() -> None:
    assert list(provenance.code(resolve("ws", Registry()))) == [
        "cmpnet",
        "torch",
        "numpy",
        "numerics",
    ]
    own = replace(Registry().architecture("ws"), name="own")
    assert list(provenance.code(resolve(own, Registry()))) == [
        "cmpnet",
        "own",
        "torch",
        "numpy",
        "numerics",
    ]


def test_a_record_that_cannot_be_sent_to_a_worker_is_refused_in_a_sentence() -> None:
    lock = threading.Lock()
    own = replace(Registry().architecture("ws"), name="own", build=lambda: lock)
    with pytest.raises(
        CmpnetError, match=r"^'own' raised TypeError: cannot pickle '_thread\.lock'"
    ):
        provenance.code(resolve(own, Registry()))


def test_provenance_names_no_user_host_or_path() -> None:
    text = json.dumps(provenance.machine())
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
