"""The registry, with distributions installed on the spot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cmpnet import CmpnetError
from cmpnet.registry import Registry
from tests.helpers import TINY, make_plugin


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture(autouse=True)
def _forget_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_builtins_come_in_by_entry_points() -> None:
    registry = Registry()
    assert {"baseline", "ws-plain", "ws", "ws-aux"} <= set(registry.known("architecture"))
    losses = {"ce", "aux-constant", "aux-discounted", "aux-scheduled"}
    assert losses <= set(registry.known("loss"))
    assert registry.find("task", "digit-pairs").owner == "cmpnet"


def test_a_plugin_is_listed_with_owner_and_version_and_not_imported(site: Path) -> None:
    make_plugin(site, "my-plugin", TINY, {"architectures": {"tiny": "TINY"}}, version="2.3")
    entry = Registry().find("architecture", "tiny")
    assert (entry.owner, entry.version) == ("my-plugin", "2.3")
    assert "my_plugin" not in sys.modules
    assert Registry().architecture("tiny").summary == "a small net"
    assert "my_plugin" in sys.modules


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(CmpnetError, match="Did you mean 'ws-plain'"):
        Registry().find("architecture", "ws-plan")


@pytest.mark.parametrize(
    "code",
    [
        "raise RuntimeError('no licence')",
        "import nowhere_to_be_found",
        "raise SystemExit(3)",
        "this is no Python",
        "OTHER = 1",
    ],
)
def test_a_plugin_that_cannot_be_imported_hurts_only_who_asks_for_it(site: Path, code: str) -> None:
    make_plugin(site, "bad-plugin", code, {"architectures": {"bad": "BAD"}})
    registry = Registry()
    assert "bad" in registry.known("architecture")
    assert registry.architecture("baseline").name == "baseline"
    with pytest.raises(CmpnetError, match=r"bad-plugin 1\.0") as caught:
        registry.architecture("bad")
    assert "--no-plugin bad-plugin" in str(caught.value)


def test_a_switched_off_plugin_is_gone(site: Path) -> None:
    make_plugin(site, "my-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    assert not Registry(["My_Plugin"]).has("architecture", "tiny")


def test_a_builtin_keeps_its_name_and_the_other_is_reached_by_its_distribution(
    site: Path,
) -> None:
    code = TINY.replace('name="tiny"', 'name="baseline"')
    make_plugin(site, "my-plugin", code, {"architectures": {"baseline": "TINY"}})
    registry = Registry()
    assert registry.find("architecture", "baseline").owner == "cmpnet"
    assert registry.architecture("my-plugin:baseline").summary == "a small net"
    assert "my-plugin:baseline" in registry.known("architecture")


def test_two_plugins_with_one_name_must_be_told_apart(site: Path) -> None:
    for name in ("one-plugin", "two-plugin"):
        make_plugin(site, name, TINY, {"architectures": {"tiny": "TINY"}})
    registry = Registry()
    with pytest.raises(CmpnetError, match="one-plugin:tiny"):
        registry.architecture("tiny")
    assert registry.architecture("two-plugin:tiny").name == "tiny"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('loss="ce"', 'loss="ce", api_version=99'), "version 99 of the plugin interface"),
        (('name="tiny"', 'name="small"'), "its record 'small'"),
        (("TINY = Architecture(", "TINY = dict("), "is a dict"),
    ],
)
def test_a_spec_that_does_not_fit_is_refused_in_a_sentence(
    site: Path, change: tuple[str, str], said: str
) -> None:
    make_plugin(site, "my-plugin", TINY.replace(*change), {"architectures": {"tiny": "TINY"}})
    with pytest.raises(CmpnetError, match=said):
        Registry().architecture("tiny")
