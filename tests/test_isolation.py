"""Arms do not touch each other: what a plugin changes in its process stays there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import QUICK, TINY, cmpnet, make_plugin

VANDAL = TINY.replace("return Net(width)", "return Net(width).float()") + (
    "\n"
    "    torch.set_default_dtype(torch.float64)\n"
    "    torch.nn.functional.relu = lambda x, inplace=False: -x\n"
)


def repeats(*arms: str, workers: int, site: Path | None = None) -> dict[str, Any]:
    """The raw repeats of a bench in a store of its own, without times, by arm."""
    store = Path(f"store-{workers}-{len(arms)}")
    few = ("--repeats", "2", "--workers", str(workers), "--store", str(store), "--no-plot")
    done = cmpnet("bench", *arms, *QUICK, *few, "--export-json", "x.json", site=site)
    assert done.returncode == 0, done.stderr
    exported = json.loads(Path("x.json").read_text())["arms"]
    return {
        arm["name"]: [{**repeat, "seconds": 0} for repeat in arm["repeats"]] for arm in exported
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_plugin_that_patches_torch_changes_no_other_arm(tmp_path: Path, workers: int) -> None:
    make_plugin(tmp_path / "s", "vandal-plugin", VANDAL, {"architectures": {"tiny": "TINY"}})
    alone = repeats("baseline", "ws", workers=1)
    beside = repeats("tiny", "baseline", "ws", workers=workers, site=tmp_path / "s")
    assert {name: beside[name] for name in alone} == alone
