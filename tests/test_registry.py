"""The registry, with distributions that are installed on the spot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cmpnet import CmpnetError
from cmpnet.registry import Registry
from tests.helpers import TINY, make_plugin, variables


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture(autouse=True)
def _forget_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_built_in_names_are_entry_points() -> None:
    registry = Registry()
    assert {"baseline", "ws-plain", "ws", "ws-aux"} <= set(registry.names("architecture"))
    losses = {"ce", "aux-constant", "aux-discounted", "aux-scheduled"}
    assert losses <= set(registry.names("loss"))
    assert registry.find("task", "digit-pairs").owner == "cmpnet"


def test_a_plugin_is_listed_with_owner_and_version_and_not_imported(site: Path) -> None:
    make_plugin(site, "my-plugin", TINY, {"architectures": {"tiny": "TINY"}}, version="2.3")
    entry = Registry().find("architecture", "tiny")
    assert (entry.owner, entry.version) == ("my-plugin", "2.3")
    assert "my_plugin" not in sys.modules
    assert Registry().architecture("tiny").summary == "a small net"
    assert "my_plugin" in sys.modules


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(CmpnetError, match="Did you mean 'ws-plain'") as caught:
        Registry().find("architecture", "ws-plan")
    assert isinstance(caught.value, LookupError)


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
def test_a_plugin_that_cannot_be_imported_fails_only_when_it_is_used(site: Path, code: str) -> None:
    make_plugin(site, "bad-plugin", code, {"architectures": {"bad": "BAD"}})
    registry = Registry()
    assert "bad" in registry.names("architecture")
    assert registry.architecture("baseline").name == "baseline"
    with pytest.raises(CmpnetError, match=r"bad-plugin 1\.0") as caught:
        registry.architecture("bad")
    assert "--no-plugin bad-plugin" in str(caught.value)


def test_a_disabled_plugin_has_no_names(site: Path) -> None:
    make_plugin(site, "my-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    assert not Registry(["My_Plugin"]).has("architecture", "tiny")


def test_a_built_in_keeps_its_name_and_the_other_is_qualified_by_its_distribution(
    site: Path,
) -> None:
    code = TINY.replace('name="tiny"', 'name="baseline"')
    make_plugin(site, "my-plugin", code, {"architectures": {"baseline": "TINY"}})
    registry = Registry()
    assert registry.find("architecture", "baseline").owner == "cmpnet"
    record = registry.architecture("my-plugin:baseline")
    assert (record.summary, record.name) == ("a small net", "my-plugin:baseline")
    assert "my-plugin:baseline" in registry.names("architecture")


def test_a_name_of_two_plugins_must_be_qualified(site: Path) -> None:
    for name in ("one-plugin", "two-plugin"):
        make_plugin(site, name, TINY, {"architectures": {"tiny": "TINY"}})
    registry = Registry()
    with pytest.raises(CmpnetError, match="one-plugin:tiny"):
        registry.architecture("tiny")
    assert registry.architecture("two-plugin:tiny").name == "two-plugin:tiny"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('loss="ce"', 'loss="ce", api_version=99'), "version 99 of the plugin interface"),
        (('loss="ce"', 'loss="ce", api_version=1'), "version 1 of the plugin interface"),
        (('name="tiny"', 'name="small"'), "its record 'small'"),
        (("TINY = Architecture(", "TINY = dict("), "is a dict"),
        (("width: int = 4", "width: int"), "option 'width' has no default"),
        (
            ("width: int = 4", "width={4}"),
            "its option 'width' has the type set, which cannot be typed",
        ),
        (('{"verdict": (2,)}', '{"verdict": "(B, 2)"}'), "'verdict' is '.*'; it must be a list"),
        (("TrainConfig(epochs=1)", "TrainConfig(epochs=0)"), "'recipe': 'epochs' is 0"),
        (('task="digit-pairs"', "task=None"), "its 'task' is None; it must be a line of text"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_in_a_sentence(
    site: Path, change: tuple[str, str], message: str
) -> None:
    assert change[0] in TINY
    make_plugin(site, "my-plugin", TINY.replace(*change), {"architectures": {"tiny": "TINY"}})
    with pytest.raises(CmpnetError, match=message):
        Registry().architecture("tiny")


@pytest.mark.parametrize(
    ("code", "noun", "group"),
    [
        (
            TINY.replace('outputs={"verdict": (2,)}', 'gives={"verdict": "(B, 2)"}'),
            "architecture",
            "architectures",
        ),
        (
            "from cmpnet import Loss\n"
            "TINY = Loss(name='tiny', summary='', fn=print, needs=(), learner='m:C')\n",
            "loss",
            "losses",
        ),
    ],
)
def test_a_plugin_for_version_1_of_the_interface_gets_its_sentence(
    site: Path, code: str, noun: str, group: str
) -> None:
    make_plugin(site, "old-plugin", code, {group: {"tiny": "TINY"}})
    with pytest.raises(CmpnetError, match="made for version 1 of the plugin interface"):
        getattr(Registry(), noun)("tiny")


def test_listing_names_imports_no_framework() -> None:
    code = (
        "import sys; from cmpnet.registry import Registry; Registry().names('architecture');"
        "sys.exit(bool({'torch', 'numpy', 'minidl'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], env=variables(), check=False).returncode == 0
    )
