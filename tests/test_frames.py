"""How deep a call goes: from the entry point to the loss, and in the parent of a bench."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_stack
from typing import Any

import pytest

import cmpnet
from cmpnet.runtime.slots import Pool
from cmpnet.store import Store
from tests.helpers import QUICK, TINY, call, make_plugin

HOME = Path(cmpnet.__file__).parent


def own_frames() -> list[str]:
    """The frames of cmpnet's own code on the stack, outermost first."""
    frames = [frame for frame in extract_stack() if Path(frame.filename).is_relative_to(HOME)]
    return [f"{Path(frame.filename).relative_to(HOME)}:{frame.name}" for frame in frames]


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin's network ``tiny`` and a loss ``looking`` that notes the stack."""
    code = TINY + (
        "\n"
        "    from tests.test_frames import own_frames\n"
        "    SEEN = []\n"
        "    def looking(output, batch):\n"
        "        SEEN.append(own_frames())\n"
        "        return torch.nn.functional.cross_entropy(output['verdict'], batch['target'])\n"
        "    LOOKING = Loss(name='looking', summary='', fn=looking, needs=('verdict',))\n"
    )
    names = {"architectures": {"tiny": "TINY"}, "losses": {"looking": "LOOKING"}}
    make_plugin(tmp_path / "site", "frames-plugin", code, names)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


@pytest.mark.usefixtures("tiny")
def test_a_training_passes_at_most_six_of_our_frames_from_main_to_the_loss() -> None:
    assert call("train", "tiny", "--loss", "looking", *QUICK, "--no-plot").returncode == 0
    import frames_plugin

    (frames, *_) = frames_plugin.SEEN
    assert frames[0] == "__main__.py:main", frames
    assert len(frames) + 1 <= 6, [*frames, "the loss"]


def test_a_bench_passes_at_most_eight_of_our_frames_in_the_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[list[str]] = []
    put, start = Store.put, Pool._start

    def look(function: Any) -> Any:
        def looking(*arguments: Any) -> Any:
            seen.append([*own_frames(), function.__qualname__])
            return function(*arguments)

        return looking

    monkeypatch.setattr(Store, "put", look(put))
    monkeypatch.setattr(Pool, "_start", look(start))
    assert call("bench", "baseline", *QUICK, "--repeats", "2", "--no-plot").returncode == 0
    assert {frames[-1] for frames in seen} == {"Store.put", "Pool._start"}
    deepest = max(seen, key=len)
    assert len(deepest) <= 8, deepest
