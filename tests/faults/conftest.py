"""Plugins that are installed, changed and broken between calls in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import make_plugin

SITE = Path("site")
Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a plugin, or change it, as a new process would see it."""

    def install(name: str, code: str, points: dict[str, dict[str, str]], **more: str) -> None:
        make_plugin(SITE, name, code, points, **more)
        monkeypatch.syspath_prepend(str(SITE.absolute()))
        sys.modules.pop(name.replace("-", "_"), None)

    return install
