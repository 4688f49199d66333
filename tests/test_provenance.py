"""The code version of a plugin changes with any file that could change its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cmpnet import provenance


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editable install with two packages, of which only one is named by an entry point."""
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
    provenance.code_version.cache_clear()
    return provenance.code_version(owner)


@pytest.mark.parametrize("package", ["shell_pkg", "core_pkg"])
def test_an_edit_in_any_package_of_a_checkout_is_another_version(
    checkout: Path, package: str
) -> None:
    before = version("shell")
    assert before == version("shell")
    (checkout / package / "__init__.py").write_text("VALUE = 2\n")
    assert version("shell") != before


def test_a_file_that_is_renamed_is_another_version(checkout: Path) -> None:
    (checkout / "core_pkg" / "a.py").write_text("")
    before = version("shell")
    (checkout / "core_pkg" / "a.py").rename(checkout / "core_pkg" / "b.py")
    assert version("shell") != before


def test_provenance_names_no_user_host_or_path() -> None:
    text = json.dumps(provenance.machine())
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
