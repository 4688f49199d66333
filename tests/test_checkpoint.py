"""Checkpoints: what was saved comes back; what does not fit is refused in a sentence."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from cmpnet import CmpnetError, checkpoint
from cmpnet.api import train
from cmpnet.registry import Registry
from tests.helpers import ROOT, TINY, call, cmpnet, make_plugin

QUICK = ("--epochs", "3", "--pairs", "60", "--no-plot", "-q")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small trained network with BatchNorm, and its results beside it."""
    folder = tmp_path_factory.mktemp("saved")
    file, export, store = folder / "ws.safetensors", folder / "ws.json", folder / "store"
    done = call(
        *("train", "ws", *QUICK, "-o", "hidden=16", "--seed", "5", "--save", str(file)),
        *("--export-json", str(export), "--store", str(store)),
    )
    assert done.returncode == 0, done.stderr
    return file


def test_a_saved_network_reproduces_the_errors_of_its_training_run(saved: Path) -> None:
    (arm,) = json.loads(saved.with_suffix(".json").read_text())["arms"]
    (repeat,) = arm["repeats"]
    net = checkpoint.restore(checkpoint.load(saved), Registry())
    assert np.flatnonzero(net.wrong()).tolist() == repeat["mistakes"]
    done = call("evaluate", str(saved))
    assert done.returncode == 0, done.stderr
    assert f"{repeat['error_count']} of 60 test samples of seed 5" in done.stdout
    other = call("evaluate", str(saved), "--seed", "6", "-o", "pairs=100")
    assert "trained with seed 5" in other.stdout
    assert "of 100 test samples of seed 6" in other.stdout


def test_show_prints_what_a_checkpoint_holds(saved: Path) -> None:
    done = call("show", str(saved))
    assert done.returncode == 0, done.stderr
    for piece in ("ws[hidden=16]", "seed     5", "hidden 16", "epochs 3", "16 x 256", "4,096"):
        assert piece in done.stdout
    loaded = checkpoint.load(saved)
    assert (loaded.key.architecture, loaded.seed) == ("ws", 5)
    assert loaded.key.config.epochs == 3
    assert loaded.weights.keys() == load_file(saved).keys()


def test_restored_weights_give_the_same_output_as_torch_with_the_same_file(saved: Path) -> None:
    net = checkpoint.restore(checkpoint.load(saved), Registry())
    module = Registry().architecture("ws").build(hidden=16)
    module.load_state_dict({n: torch.from_numpy(v) for n, v in load_file(saved).items()})
    module.eval()
    with torch.inference_mode():
        expected = module(torch.from_numpy(net.data.test.x))["verdict"].numpy()
    np.testing.assert_allclose(net.learner.predict("test")["verdict"][0], expected, atol=1e-6)


def rewrite(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[Path], None]:
    """Damage the description or the weights of a file, which stays valid safetensors."""

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
    "so cmpnet did not save it": no_metadata,
    "has schema 2; this cmpnet reads schema 1": rewrite(lambda about, _: about.update(schema=2)),
    "'schema'": rewrite(lambda about, _: about.clear()),
    "seed is -1": rewrite(lambda about, _: about.update(seed=-1)),
    "an unknown key 'colour'": rewrite(lambda about, _: about["arm"].update(colour="red")),
    "seed is True": rewrite(lambda about, _: about.update(seed=True)),
    "'label' is '\\x1b[31mred'": rewrite(lambda about, _: about["arm"].update(label="\x1b[31mred")),
    "'config' has an unknown key 'mood'": rewrite(
        lambda about, _: about["arm"]["config"].update(mood="bad")
    ),
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
    "'digits.0.bias' is of shape (16,), in the network (17,)": rewrite(
        lambda about, _: about["arm"]["architecture_options"].update(hidden=17)
    ),
    "'digits.0.bias' is of dtype float64, in the network float32": rewrite(
        lambda _, weights: weights.update({"digits.0.bias": np.zeros(16)})
    ),
    "'digits.0.bias' is missing": rewrite(lambda _, weights: weights.pop("digits.0.bias")),
    "'extra' is not in the network": rewrite(lambda _, weights: weights.update(extra=np.zeros(3))),
    "'verdict.bias' is not finite": rewrite(
        lambda _, weights: weights["verdict.bias"].fill(np.nan)
    ),
}


@pytest.mark.parametrize("message", UNFIT)
def test_a_file_that_does_not_fit_is_refused_in_a_sentence(saved: Path, message: str) -> None:
    copy = Path("copy.safetensors")
    copy.write_bytes(saved.read_bytes())
    UNFIT[message](copy)
    with pytest.raises(CmpnetError) as caught:
        checkpoint.restore(checkpoint.load(copy), Registry())
    assert message in str(caught.value)
    assert "copy.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_a_plugin_that_is_not_installed_is_shown_but_not_restored(
    tmp_path: Path,
) -> None:
    make_plugin(tmp_path / "s", "tiny-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    command = ("train", "tiny", *QUICK, "--save", "tiny.safetensors")
    assert cmpnet(*command, site=tmp_path / "s").returncode == 0
    assert cmpnet("evaluate", "tiny.safetensors", site=tmp_path / "s").returncode == 0
    done = call("evaluate", "tiny.safetensors")
    assert done.returncode == 2
    assert "There is no architecture 'tiny'" in done.stderr
    assert call("show", "tiny.safetensors").returncode == 0


def test_a_checkpoint_is_shown_whatever_its_file_name_is(saved: Path) -> None:
    Path("net").write_bytes(saved.read_bytes())
    for name in ("net", "./net"):
        assert "digits.0.weight" in call("show", name).stdout
    Path("ws").write_bytes(b"")
    assert "architecture" in call("show", "ws").stdout, "a registered name comes first"


def test_a_wrong_option_of_evaluate_is_not_blamed_on_the_checkpoint(saved: Path) -> None:
    for option in (("-o", "points=5"), ("-o", "pairs=0"), ("--seed", "-1")):
        done = call("evaluate", str(saved), *option)
        assert done.returncode == 2
        assert "checkpoint" not in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_description_without_a_schema_of_its_arm_is_that_of_cmpnet_0_1(saved: Path) -> None:
    copy = Path("old.safetensors")
    copy.write_bytes(saved.read_bytes())

    def as_0_1_wrote_it(about: dict[str, Any], _: object) -> None:
        del about["arm"]["schema"], about["arm"]["local_paths"]

    rewrite(as_0_1_wrote_it)(copy)
    assert checkpoint.load(copy).key == checkpoint.load(saved).key
    assert checkpoint.restore(checkpoint.load(copy)).wrong().shape == (60,)


def test_training_from_python_saves_the_same_checkpoint(saved: Path) -> None:
    options = {"epochs": 3, "pairs": 60, "hidden": 16}
    train("ws", seed=5, save="python.safetensors", **options)
    loaded, expected = checkpoint.load("python.safetensors"), checkpoint.load(saved)
    assert (loaded.key, loaded.seed) == (expected.key, expected.seed)
    for name, weights in expected.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weights, err_msg=name)


def test_a_checkpoint_names_no_folder_of_this_machine(saved: Path) -> None:
    arm = train("ws", epochs=1, pairs=20).arms[0]
    key = replace(arm.key, task_options={"pairs": 20, "data_dir": "/home/me/digits"})
    content = checkpoint.to_bytes(checkpoint.load(saved).weights, key, 0)
    assert b"digit-pairs" in content
    assert b"/home/me" not in content


def test_nothing_is_ever_pickled_into_a_file() -> None:
    banned = re.compile(
        r"(?<!allow_)(?<!cloud)pickle(?!=False)\b|torch\.(load|save)\b"
        r"|\b(shelve|marshal|dill|joblib)\b"
    )
    # Processes of ours send jobs to one another, a digest of pickled code is no pickle, and the
    # contract asks whether a record can be sent.
    senders = {f"cmpnet/runtime/{name}.py" for name in ("slots", "preload", "code_digest")}
    senders.add("cmpnet/contract/networks.py")
    users = set()
    for folder in ("cmpnet", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            if "tests" not in path.parts:
                code = re.sub(r'""".*?"""|#.*', "", path.read_text(), flags=re.DOTALL)
                if "cmpnet_dask" in path.parts:  # as Dask does, between processes of one user
                    continue
                assert not banned.search(code), path
                if "cloudpickle" in code:
                    users.add(path.relative_to(ROOT).as_posix())
    assert users == senders
