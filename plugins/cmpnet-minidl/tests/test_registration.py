"""The plugin's names are registered, keep the contract and import only what they need."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest

import cmpnet
import cmpnet_minidl
from cmpnet import CmpnetError
from cmpnet.arms import resolve
from cmpnet.registry import Registry
from cmpnet.testing import check_arm, check_task

PACKAGE = Path(cmpnet_minidl.__file__).parent
NETWORKS = ["minidl-relu", "minidl-tanh", "minidl-best", "torch-mlp"]
SMALL = {"points": 300, "epochs": 2}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_registration_imports_cmpnet_and_only_its_public_names() -> None:
    for path in PACKAGE.rglob("*.py"):
        names = {name for name in imports(path) if name.partition(".")[0] == "cmpnet"}
        if path.name == "registration.py":
            assert {name.removeprefix("cmpnet.") for name in names} <= set(cmpnet.__all__)
        else:
            assert not names, path


def test_using_the_minidl_records_does_not_import_torch() -> None:
    code = (
        "import sys; from cmpnet_minidl import registration; "
        "registration.DISK.load(0, points=10); registration.minidl_relu(); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_entry_point_exists_under_its_own_name() -> None:
    content = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())
    groups = content["project"]["entry-points"]
    for name, package in groups.pop("cmpnet.suites").items():
        assert resources.files(package).joinpath(f"{name}.toml").is_file()
    for group, points in groups.items():
        for name, target in points.items():
            assert metadata.EntryPoint(name, target, group).load().name == name


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("init", ["xavier", "uniform", "he"])
def test_every_network_keeps_the_contract(name: str, init: str) -> None:
    check_arm(f"{name}[init={init}]", **SMALL)


def test_the_cross_entropy_keeps_the_contract() -> None:
    check_arm("minidl-relu:bce-minidl", **SMALL)


def test_the_disk_keeps_the_contract() -> None:
    check_task("disk", points=300)


@pytest.mark.parametrize(
    ("arm", "backend"), [("minidl-relu:mse", "minidl"), ("torch-mlp:mse-minidl", "torch")]
)
def test_a_loss_for_another_backend_is_refused(arm: str, backend: str) -> None:
    with pytest.raises(CmpnetError, match=f"choose a loss for {backend}"):
        resolve(arm, Registry())
