"""The built wheel, used outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "-o",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_contains_the_digits_the_suites_and_both_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        licence = next(name for name in names if name.endswith("LICENSE"))
        assert "Creative Commons Attribution-ShareAlike 3.0" in archive.read(licence).decode()
    assert "cmpnet/tasks/mnist14.npz" in names
    assert "cmpnet/suites/table3.toml" in names
    assert not [name for name in names if name.startswith(("tests", "examples"))]
    assert wheel.stat().st_size < 8_000_000


def test_the_wheel_trains_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    code = (
        "import sys, cmpnet; assert cmpnet.__file__.startswith(sys.argv.pop(1)), cmpnet.__file__;"
        "from cmpnet.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site), "train", "ws", "--epochs", "1", "--pairs", "50"],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Test error" in done.stdout
