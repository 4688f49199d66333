"""What several tests need: plugins made on the spot, and the command line as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


def make_plugin(
    site: Path,
    name: str,
    code: str,
    points: Mapping[str, Mapping[str, str]],
    version: str = "1.0",
) -> None:
    """Install a distribution into a folder as pip would: one module, its metadata, entry points."""
    module = name.replace("-", "_")
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{module}.py").write_text(textwrap.dedent(code))
    info = site / f"{module}-{version}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{module}.py,,\n")
    lines = []
    for group, entries in points.items():
        lines.append(f"[cmpnet.{group}]")
        lines += [f"{entry} = {module}:{target}" for entry, target in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def variables(site: Path | None = None) -> dict[str, str]:
    """The environment of a process that runs cmpnet: warnings are errors, ``site`` comes first."""
    env = {**os.environ, "PYTHONWARNINGS": "error"}
    if site is not None:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(site), env.get("PYTHONPATH")]))
    return env


def cmpnet(
    *arguments: str,
    site: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, in the current folder."""
    return subprocess.run(
        [sys.executable, "-m", "cmpnet", *arguments],
        env={**variables(site), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


TINY = """
    import torch
    from cmpnet import Architecture, Loss, TrainConfig

    class Net(torch.nn.Module):
        def __init__(self, width):
            super().__init__()
            self.body = torch.nn.Sequential(
                torch.nn.Flatten(), torch.nn.Linear(392, width), torch.nn.ReLU(),
                torch.nn.Linear(width, 2))

        def forward(self, x):
            return {"verdict": self.body(x)}

    def build(*, width: int = 4):
        return Net(width)

    RECIPE = TrainConfig(epochs=1)
    TINY = Architecture(name="tiny", summary="a small net", build=build, recipe=RECIPE,
                        gives={"verdict": "(B, 2)"}, task="digit-pairs", loss="ce")
"""
"""Source of a plugin with one good architecture, ``tiny``; other specs can be appended."""
