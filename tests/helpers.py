"""What several tests need: plugins made on the spot, and the command line as a user calls it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from cmpnet import ArmKey, ArmResults, RepeatResult, Results, Section, TrainConfig
from cmpnet.__main__ import main
from cmpnet.results import pairs_with
from cmpnet.store import rows

ROOT = Path(__file__).parent.parent
QUICK = ("--epochs", "1", "--pairs", "50")
"""A training that takes a moment."""


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


def install(site: Path, name: str, toml: str) -> None:
    """What pip makes of the entry points in a pyproject.toml."""
    info = site / f"{name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    lines = []
    for group, points in tomllib.loads(toml)["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {target}" for key, target in points.items())]
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


@dataclass(frozen=True)
class Call:
    """What a call of the command line came to."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return self.stdout + self.stderr


def call(*arguments: str, environment: Mapping[str, str] | None = None) -> Call:
    """Run the command line in this process: a process of its own takes a second to start."""
    with mock.patch.dict(os.environ, environment or {}):
        return _call(arguments)


def _call(arguments: Sequence[str]) -> Call:
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    assert code in (0, 1, 2), (arguments, code, out, err)
    assert "Traceback" not in out + err
    # On a loaded machine, any import may take the 2 s after which it is announced.
    err = re.sub(r"^Importing .* \(Ctrl-C to stop\)\n", "", err, flags=re.MULTILINE)
    return Call(int(str(code)), out, err)


def renew_checksums(db: sqlite3.Connection) -> None:
    """Give the rows of a store that a test has changed their right checksums."""
    for table, columns in rows.COLUMNS.items():
        for values in db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall():
            rows.write(db, table, dict(zip(columns, values, strict=True)))


def make_table(path: str, counts: Sequence[int] = (50, 50, 50)) -> str:
    """Write a table like Fisher's iris: four columns in cm, and up to three species."""
    rng = np.random.default_rng(0)
    centres = ([5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0])
    lines = ["sepal length,sepal width,petal length,petal width,species"]
    for species, centre, count in zip(
        ("setosa", "versicolor", "virginica"), centres, counts, strict=False
    ):
        samples = rng.normal(centre, 0.35, (count, 4))
        lines += [",".join([*(f"{value:.3f}" for value in row), species]) for row in samples]
    Path(path).write_text("\n".join(lines) + "\n")
    return path


def make_numbers(path: str, count: int = 90) -> str:
    """Write a table of three columns and a price that is linear in them but for noise."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 3))
    price = 50 + x @ [3.0, -2.0, 1.0] + rng.normal(size=count)
    rows = [",".join(f"{value:.4f}" for value in row) for row in np.c_[x, price]]
    Path(path).write_text("\n".join(["a,b,c,price", *rows]) + "\n")
    return path


def make_images(folder: str, classes: Sequence[str], each: int, size: tuple[int, int]) -> None:
    """Write grey images of noise, width x height, one subfolder per class."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for name in classes:
        (Path(folder) / name).mkdir(parents=True)
        for number in range(each):
            pixels = rng.integers(0, 256, size[::-1], np.uint8)
            Image.fromarray(pixels).save(Path(folder) / name / f"{number}.png")


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
                        outputs={"verdict": (2,)}, task="digit-pairs", loss="ce")
"""
"""Source of a plugin with one good architecture, ``tiny``; other specs can be appended."""


def arm_results(
    label: str,
    counts: Sequence[int | None],
    *,
    epochs: int = 25,
    task: str = "digit-pairs",
    pairs: int = 1000,
    **fields: Any,
) -> ArmResults:
    """An arm whose repeat with seed s has ``counts[s]`` errors in 1000; None means it diverged."""
    key = ArmKey(
        label=label,
        architecture=label.partition("[")[0],
        loss="ce",
        task=task,
        architecture_options={},
        loss_options={},
        task_options={"pairs": pairs, "data_dir": None},
        config=TrainConfig(epochs=epochs),
    )
    repeats = {
        seed: RepeatResult(seed=seed, status="diverged", cause="the loss was no longer finite")
        if count is None
        else RepeatResult(
            seed=seed,
            status="ok",
            train_error=0.0,
            test_error=count / 1000,
            error_count=count,
            train_count=0,
            train_samples=1000,
            test_samples=1000,
            seconds=1.5,
            parameters=1234,
        )
        for seed, count in enumerate(counts)
    }
    return ArmResults(key=key, repeats=repeats, **{"wanted": len(counts), **fields})


def section_of(arms: Sequence[ArmResults], title: str = "t") -> Section:
    """A table of arms, all compared with the first."""
    return Section(arms=tuple(arms), pairs=pairs_with(len(arms)), title=title)


def results_of(arms: Sequence[ArmResults], title: str = "t") -> Results:
    """Results with one table."""
    return Results(sections=(section_of(arms, title),))
