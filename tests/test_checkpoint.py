"""Checkpoints: what was saved comes back, and what does not fit is refused in a sentence."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from cmpnet import CmpnetError, checkpoint
from cmpnet.registry import Registry
from tests.helpers import ROOT, TINY, cmpnet, make_plugin

QUICK = ("--epochs", "3", "--pairs", "60", "--no-plot", "-q")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small trained net with BatchNorm, and its test error beside it."""
    folder = tmp_path_factory.mktemp("saved")
    file, export, store = folder / "ws.safetensors", folder / "ws.json", folder / "store"
    done = cmpnet(
        *("train", "ws", *QUICK, "-o", "hidden=16", "--seed", "5", "--save", str(file)),
        *("--export-json", str(export), "--store", str(store)),
    )
    assert done.returncode == 0, done.stderr
    return file


def test_a_net_that_was_saved_makes_the_errors_its_training_ended_with(saved: Path) -> None:
    (arm,) = json.loads(saved.with_suffix(".json").read_text())["arms"]
    (repeat,) = arm["repeats"]
    net = checkpoint.restore(checkpoint.load(saved), Registry())
    assert np.flatnonzero(net.wrong()).tolist() == repeat["mistakes"]
    done = cmpnet("evaluate", str(saved))
    assert done.returncode == 0, done.stderr
    assert f"{repeat['error_count']} of 60 test samples of seed 5" in done.stdout
    other = cmpnet("evaluate", str(saved), "--seed", "6", "-o", "pairs=100")
    assert "trained with seed 5" in other.stdout
    assert "of 100 test samples of seed 6" in other.stdout


def test_what_is_in_a_checkpoint_is_shown_without_its_plugin(saved: Path) -> None:
    done = cmpnet("show", str(saved))
    assert done.returncode == 0, done.stderr
    for piece in ("ws[hidden=16]", "seed     5", "hidden 16", "epochs 3", "16 x 256", "4,096"):
        assert piece in done.stdout
    found = checkpoint.load(saved)
    assert (found.arm.architecture, found.seed) == ("ws", 5)
    assert found.arm.config.epochs == 3
    assert found.weights.keys() == load_file(saved).keys()


def test_restored_weights_give_the_same_output_as_torch_with_the_same_file(saved: Path) -> None:
    net = checkpoint.restore(checkpoint.load(saved), Registry())
    module = Registry().architecture("ws").build(hidden=16)
    module.load_state_dict({n: torch.from_numpy(v) for n, v in load_file(saved).items()})
    module.eval()
    with torch.inference_mode():
        expected = module(torch.from_numpy(net.data.test.x))["verdict"].numpy()
    np.testing.assert_allclose(net.learner.predict("test")["verdict"][0], expected, atol=1e-6)


def rewrite(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[Path], None]:
    """A damage to the description or to the weights, in a file that is safetensors still."""

    def damage(path: Path) -> None:
        weights = load_file(path)
        content = path.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["cmpnet"])
        change(about, weights)
        save_file(weights, path, metadata={"cmpnet": json.dumps(about)})

    return damage


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def no_metadata(path: Path) -> None:
    save_file(load_file(path), path)


UNFIT: dict[str, Callable[[Path], None]] = {
    "cannot be read as a checkpoint: Error while deserializing header": cut,
    "header too": lambda path: path.write_text("not safetensors at all, but a letter"),
    "cannot be read as a checkpoint: No such file": lambda path: path.unlink(),
    "it was not saved by cmpnet": no_metadata,
    "has schema 2; this cmpnet reads 1": rewrite(lambda about, _: about.update(schema=2)),
    "'schema'": rewrite(lambda about, _: about.clear()),
    "seed is -1": rewrite(lambda about, _: about.update(seed=-1)),
    "an unknown 'colour'": rewrite(lambda about, _: about["arm"].update(colour="red")),
    "seed is True": rewrite(lambda about, _: about.update(seed=True)),
    "a name is '\\x1b[31mred'": rewrite(lambda about, _: about["arm"].update(label="\x1b[31mred")),
    "'config' has an unknown": rewrite(lambda about, _: about["arm"]["config"].update(mood="bad")),
    "learns the task 'digit-pairs', not 'disk'": rewrite(
        lambda about, _: about["arm"].update(task="disk")
    ),
    "There is no architecture 'wss'": rewrite(lambda a, _: a["arm"].update(architecture="wss")),
    "There is no loss": rewrite(lambda about, _: about["arm"].update(loss="nothing")),
    "hidden is 0; it must be": rewrite(
        lambda about, _: about["arm"]["architecture_options"].update(hidden=0)
    ),
    "has no option 'colour'": rewrite(
        lambda about, _: about["arm"]["architecture_options"].update(colour="red")
    ),
    "'digits.0.bias' is of shape (16,), in the net (17,)": rewrite(
        lambda about, _: about["arm"]["architecture_options"].update(hidden=17)
    ),
    "'digits.0.bias' is missing": rewrite(lambda _, weights: weights.pop("digits.0.bias")),
    "'extra' is not in the net": rewrite(lambda _, weights: weights.update(extra=np.zeros(3))),
    "'verdict.bias' is not finite": rewrite(
        lambda _, weights: weights["verdict.bias"].fill(np.nan)
    ),
}


@pytest.mark.parametrize("said", UNFIT)
def test_a_file_that_does_not_fit_is_refused_in_a_sentence(saved: Path, said: str) -> None:
    copy = Path("copy.safetensors")
    copy.write_bytes(saved.read_bytes())
    UNFIT[said](copy)
    with pytest.raises(CmpnetError) as caught:
        checkpoint.restore(checkpoint.load(copy), Registry())
    assert said in str(caught.value)
    assert "copy.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_a_plugin_that_is_not_installed_is_refused_but_shown(tmp_path: Path) -> None:
    make_plugin(tmp_path / "s", "tiny-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    call = ("train", "tiny", *QUICK, "--save", "tiny.safetensors")
    assert cmpnet(*call, site=tmp_path / "s").returncode == 0
    assert cmpnet("evaluate", "tiny.safetensors", site=tmp_path / "s").returncode == 0
    done = cmpnet("evaluate", "tiny.safetensors")
    assert done.returncode == 2
    assert "There is no architecture 'tiny'" in done.stderr
    assert cmpnet("show", "tiny.safetensors").returncode == 0


def test_a_saved_net_is_shown_whatever_its_file_is_called(saved: Path) -> None:
    Path("net").write_bytes(saved.read_bytes())
    for name in ("net", "./net"):
        assert "digits.0.weight" in cmpnet("show", name).stdout
    Path("ws").write_bytes(b"")
    assert "architecture" in cmpnet("show", "ws").stdout, "a registered name comes first"


def test_a_wrong_option_of_evaluate_is_the_calls_fault(saved: Path) -> None:
    for option in (("-o", "points=5"), ("-o", "pairs=0"), ("--seed", "-1")):
        done = cmpnet("evaluate", str(saved), *option)
        assert done.returncode == 2
        assert "checkpoint" not in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_nothing_is_ever_pickled_into_a_file() -> None:
    # multiprocessing hands jobs from one process of ours to another; that is no file.
    banned = re.compile(
        r"(?<!allow_)pickle(?!=False)\b|torch\.(load|save)\b|\b(shelve|marshal|dill|joblib)\b"
    )
    for folder in ("cmpnet", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            if "tests" not in path.parts:
                code = re.sub(r'""".*?"""|#.*', "", path.read_text(), flags=re.DOTALL)
                assert not banned.search(code), path
