"""What other machines are given: they train what is only here, or say why they must not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from cmpnet import jobs, kit, runner
from cmpnet.arms import Shared, resolve
from cmpnet.events import Trained
from cmpnet.kit import Kit, kit_of
from cmpnet.registry import Registry
from cmpnet.runtime.slots import Pool, RefusedError, pack
from cmpnet.spec import RepeatResult
from tests.helpers import make_table

NET = """
    import torch
    from helper import WIDTH
    from parts.body import body

    class MyNet(torch.nn.Module):
        def __init__(self, width: int = WIDTH):
            super().__init__()
            self.body = body(width)

        def forward(self, x):
            return self.body(x)
"""
BODY = """
    import pathlib, torch
    SIZE = int((pathlib.Path(__file__).parent / "size.txt").read_text())

    def body(width):
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(2 * SIZE * SIZE, width),
                                   torch.nn.ReLU(), torch.nn.Linear(width, 2))
"""


def write(folder: Path) -> None:
    import textwrap

    (folder / "parts").mkdir(parents=True)
    (folder / "mine.py").write_text(textwrap.dedent(NET))
    (folder / "helper.py").write_text("WIDTH = 5\n")
    (folder / "parts" / "__init__.py").write_text("")
    (folder / "parts" / "body.py").write_text(textwrap.dedent(BODY))
    (folder / "parts" / "size.txt").write_text("14")


def results(pool: Pool, job: jobs.Job) -> tuple[RepeatResult, ...]:
    slot = pool.take(job.isolation)
    slot.send(pack(runner.work, job))
    messages = [*iter(slot.pipe.recv, None)]
    (trained,) = [one for one in messages if isinstance(one, Trained)] or [messages[-1]]
    return tuple(replace(result, seconds=0) for result in trained.results)


def planned(text: str, **options: Any) -> jobs.Job:
    (plan,) = jobs.plan([resolve(text, Registry(), Shared({"epochs": 1, **options}))])
    return jobs.Job(0, plan.arm, (0,), plan)


def entering(made: Kit, folder: Path) -> bytes:
    """What a new process on another machine runs first."""
    unpacked = cloudpickle.loads(cloudpickle.dumps(made)).unpack(folder)
    return pack(Kit.enter, unpacked)


@pytest.fixture
def pools() -> Iterator[list[Pool]]:
    made: list[Pool] = []
    yield made
    for pool in made:
        pool.close()


def test_a_network_of_a_file_trains_where_neither_it_nor_its_modules_are(
    tmp_path: Path, pools: list[Pool]
) -> None:
    write(tmp_path / "here")
    job = planned(f"{tmp_path}/here/mine.py:MyNet", pairs=20)
    made = kit_of([job.plan])  # type: ignore[list-item]
    pools += [Pool(), Pool(entering(made, tmp_path / "there"))]
    expected = results(pools[0], job)
    shutil.rmtree(tmp_path / "here")
    assert results(pools[1], job) == expected
    assert [result.status for result in expected] == ["ok"]


def test_data_of_a_file_travel(tmp_path: Path, pools: list[Pool]) -> None:
    table = tmp_path / "here" / "iris.csv"
    table.parent.mkdir()
    make_table(str(table))
    job = planned("linear", data=str(table))
    made = kit_of([job.plan])  # type: ignore[list-item]
    pools += [Pool(), Pool(entering(made, tmp_path / "there"))]
    expected = results(pools[0], job)
    table.unlink()
    assert results(pools[1], job) == expected
    assert [result.status for result in expected] == ["ok"]


def test_files_that_are_too_large_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "here")
    monkeypatch.setattr(kit, "LARGEST", 100)
    with pytest.raises(ValueError, match=r"at most 0 MB are sent"):
        kit_of([planned(f"{tmp_path}/here/mine.py:MyNet", pairs=20).plan])  # type: ignore[list-item]


def test_a_process_with_other_versions_is_refused_with_both_named(pools: list[Pool]) -> None:
    made = kit_of([planned("baseline", pairs=20).plan])  # type: ignore[list-item]
    older = replace(made, code={**made.code, "numpy": "1.26", "gone": "2.0+abc"}, python="3.9")
    pools.append(Pool(pack(Kit.enter, older)))
    with pytest.raises(RefusedError) as caught:
        pools[0].take(())
    text = "; ".join(caught.value.args)
    assert "this machine 3.9" in text
    assert "this machine 1.26" in text
    assert "it has no gone, this machine has 2.0+abc" in text
