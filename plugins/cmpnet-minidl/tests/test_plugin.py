"""The plugin keeps cmpnet's contract, and shows what the report's second project shows."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import pytest
import torch

import cmpnet_minidl
from cmpnet import CmpnetError, Learner, RepeatResult, train
from cmpnet.arms import load_parts, make_arm
from cmpnet.registry import Registry
from cmpnet.testing import check_arm, check_task
from cmpnet_minidl import disk, registration
from cmpnet_minidl.twin import Twin
from minidl import MinidlError

PACKAGE = Path(cmpnet_minidl.__file__).parent
NETWORKS = ["minidl-relu", "minidl-tanh", "minidl-best", "torch-mlp"]
SMALL = {"points": "300", "epochs": "2"}


def run(text: str, seeds: list[int], **options: object) -> tuple[list[RepeatResult], Learner]:
    arm, _ = make_arm(Registry(), text, {name: str(value) for name, value in options.items()})
    parts = load_parts(Registry(), arm.architecture, arm.loss)
    return train.run(parts, arm, seeds)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


# -- the house ------------------------------------------------------------------------------------


def test_one_module_imports_cmpnet_and_its_public_names_alone() -> None:
    import cmpnet

    for path in PACKAGE.rglob("*.py"):
        ours = {name for name in imports(path) if name.partition(".")[0] == "cmpnet"}
        if path.name == "registration.py":
            assert {name.removeprefix("cmpnet.") for name in ours} <= set(cmpnet.__all__)
        else:
            assert not ours, path


def test_asking_for_a_name_does_not_import_torch() -> None:
    code = (
        "import sys; from cmpnet_minidl import registration; "
        "registration.DISK.load(0, points=10); registration.minidl_relu(); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_entry_point_is_there_under_its_own_name() -> None:
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


# -- the disk -------------------------------------------------------------------------------------


def test_half_of_the_square_lies_inside_the_disk() -> None:
    data = registration.load(0)
    assert data.train.x.shape == data.test.x.shape == (10_000, 2)
    for part in (data.train, data.test):
        assert part.targets["target"].mean() == pytest.approx(0.5, abs=0.02)


def test_the_report_s_other_radius_gives_a_quarter() -> None:
    data = registration.load(0, radius=0.5 / np.pi**0.5)
    assert data.train.targets["target"].mean() == pytest.approx(0.25, abs=0.02)


def test_inside_is_within_the_radius_of_the_centre() -> None:
    data = registration.load(3, points=1000)
    distance = ((data.test.x.astype(float) - 0.5) ** 2).sum(1) ** 0.5
    assert ((distance < disk.RADIUS) == data.test.targets["target"]).all()


def test_the_outline_is_the_circle_that_parts_the_classes() -> None:
    outline = np.asarray(registration.outline(points=10, radius=0.3))
    np.testing.assert_allclose(np.hypot(*(outline - 0.5).T), 0.3)
    assert outline[0] == pytest.approx(outline[-1])
    assert len(np.unique(outline.round(9), axis=0)) == len(outline) - 1
    assert registration.DISK.outline is registration.outline


def test_another_radius_is_another_fingerprint() -> None:
    assert registration.fingerprint() != registration.fingerprint(radius=0.3)
    assert registration.fingerprint() != registration.fingerprint(points=9)


def test_an_output_that_is_not_finite_is_no_prediction_of_inside() -> None:
    output = {"inside": np.array([[np.nan], [np.inf], [-np.inf]])}
    assert registration.wrong(output, {"target": np.ones(3)}).tolist() == [True, False, True]


# -- the learner ----------------------------------------------------------------------------------


def learner_of(text: str, seeds: list[int]) -> Learner:
    arm, _ = make_arm(Registry(), text, SMALL)
    return train.make_learner(load_parts(Registry(), arm.architecture, arm.loss), arm, seeds)[0]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_repeat_is_the_same_whatever_is_trained_beside_it(optimizer: str) -> None:
    together, learner = run("minidl-relu", [0, 1, 2, 3], optimizer=optimizer, **SMALL)
    pair, other = run("minidl-relu", [3, 1], optimizer=optimizer, **SMALL)
    for r, seed in enumerate((3, 1)):
        assert pair[r].error_count == together[seed].error_count
        np.testing.assert_allclose(
            pair[r].curves.train_loss, together[seed].curves.train_loss, rtol=1e-5
        )
        for name, value in other.weights()[r].items():
            np.testing.assert_allclose(value, learner.weights()[seed][name], rtol=1e-3, atol=1e-5)


def test_a_repeat_that_diverges_leaves_the_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = disk.parts

    def poisoned(seed: int, points: int, radius: float) -> tuple[disk.Points, disk.Points]:
        both = draw(seed, points, radius)
        if seed == 1:
            both[0][0][7] = np.inf
        return both

    calm, _ = run("minidl-relu", [0, 2], **SMALL)
    monkeypatch.setattr(disk, "parts", poisoned)
    results, _ = run("minidl-relu", [0, 1, 2], **SMALL)
    assert [result.status for result in results] == ["ok", "diverged", "ok"]
    assert "no longer finite in epoch 1" in results[1].cause
    for result, expected in zip((results[0], results[2]), calm, strict=True):
        assert result.error_count == expected.error_count
        np.testing.assert_allclose(result.curves.train_loss, expected.curves.train_loss, rtol=1e-5)


def test_a_learning_rate_that_is_far_too_large_diverges_without_a_warning() -> None:
    results, _ = run("minidl-relu", [0, 1], lr=100, **SMALL)
    assert [result.status for result in results] == ["diverged", "diverged"]


def test_the_layers_are_those_of_the_report() -> None:
    learner = learner_of("minidl-relu", [0, 1])
    assert learner.parameters == 75 + 650 + 650 + 26
    assert [tuple(layer) for layer in learner.layers()] == [
        ("0", "Linear", (25,), 75),
        ("1", "ReLU", (25,), 0),
        ("2", "Linear", (25,), 650),
        ("3", "ReLU", (25,), 0),
        ("4", "Linear", (25,), 650),
        ("5", "ReLU", (25,), 0),
        ("6", "Linear", (1,), 26),
    ]


def test_weights_are_those_of_one_repeat_under_torch_s_names() -> None:
    (first, second) = learner_of("minidl-relu[depth=1,width=4]", [0, 1]).weights()
    assert {name: value.shape for name, value in first.items()} == {
        "0.weight": (2, 4), "0.bias": (4,), "2.weight": (4, 1), "2.bias": (1,),
    }  # fmt: skip
    assert (first["0.weight"] != second["0.weight"]).all()


def test_another_device_is_refused() -> None:
    with pytest.raises(MinidlError, match="on the CPU alone, not on 'cuda'"):
        learner_of("minidl-relu[device=cuda]", [0])


def test_a_loss_of_another_framework_is_refused() -> None:
    with pytest.raises(CmpnetError, match="choose a loss of the same framework"):
        make_arm(Registry(), "minidl-relu:mse")
    with pytest.raises(CmpnetError, match="choose a loss of the same framework"):
        make_arm(Registry(), "torch-mlp:mse-minidl")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_minidl_trains_as_its_torch_twin_does(optimizer: str, activation: str) -> None:
    """From the same weights, on the same samples: autograd and the derivatives by hand agree."""
    options = f"optimizer={optimizer}"
    ours = learner_of(f"minidl-{activation}[{options}]", [5])
    twin = learner_of(f"torch-mlp[{options},activation={activation}]", [5])
    net = twin.net  # type: ignore[attr-defined]
    assert isinstance(net, Twin)
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), ours.weights()[0].values(), strict=True):
            parameter.copy_(torch.from_numpy(value.T.copy()))
    order = np.random.default_rng(0)
    for _ in range(50):
        rows = order.integers(0, 300, (1, 10))
        losses = [learner.step(rows, lr=0.002, progress=0.0) for learner in (ours, twin)]
        np.testing.assert_allclose(*losses, rtol=1e-3)
    np.testing.assert_allclose(
        ours.predict("test")["inside"], twin.predict("test")["inside"], rtol=1e-3, atol=1e-3
    )


def test_a_last_batch_may_be_smaller() -> None:
    results, _ = run("minidl-relu", [0], points=25, epochs=1)
    assert results[0].status == "ok"


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_the_centred_cross_entropy_is_torch_s_and_its_sign_the_prediction(scale: float) -> None:
    output = np.random.default_rng(0).normal(0.5, 2, (3, 10, 1))
    target = (np.random.default_rng(1).random((3, 10, 1)) > 0.5).astype(float)
    given = torch.from_numpy(output.copy()).requires_grad_()
    logits = scale * (given - 0.5)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.from_numpy(target), reduction="none"
    ).sum((1, 2))
    expected.sum().backward()
    loss = registration.bce_minidl(scale=scale)
    np.testing.assert_allclose(loss.forward(output, target), expected.detach(), rtol=1e-12)
    assert given.grad is not None
    np.testing.assert_allclose(loss.backward(), given.grad, rtol=1e-12, atol=1e-12)
    said = registration.wrong({"inside": output[0]}, {"target": target[0, :, 0]})
    assert (said == ((logits[0, :, 0] > 0).numpy() != target[0, :, 0])).all()


# -- the command line -----------------------------------------------------------------------------


def cmpnet(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "cmpnet", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_command_line_trains_it_with_the_options_of_the_report() -> None:
    done = cmpnet(
        *("train", "minidl-relu", "-o", "init=uniform", "--batch-size", "5", "--lr", "0.002"),
        *("-o", "points=300", "--epochs", "2", "--export-json", "-"),
    )
    assert done.returncode == 0, done.stderr
    (arm,) = json.loads(done.stdout)["arms"]
    assert arm["parameters"] == 1401
    assert arm["config"]["lr"] == 0.002
    assert arm["config"]["batch_size"] == 5
    assert arm["options"]["architecture"]["init"] == "uniform"


def test_the_command_line_shows_it_and_compares_it() -> None:
    done = cmpnet("show", "minidl-relu")
    assert done.returncode == 0, done.stderr
    assert "Linear" in done.stdout
    arms = ("minidl-relu", "minidl-tanh", "torch-mlp")
    done = cmpnet("bench", *arms, "-o", "points=200", "--epochs", "1", "--repeats", "2")
    assert done.returncode == 0, done.stderr
    for name in arms:
        assert name in done.stdout


# -- the report -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_report_s_setting_has_at_most_three_percent_test_error() -> None:
    results, _ = run("minidl-relu", list(range(10)))
    assert [result.status for result in results] == ["ok"] * 10
    assert np.mean([result.test_error for result in results]) <= 0.03


@pytest.mark.slow
def test_the_recommended_recipe_has_at_most_0_6_percent() -> None:
    results, _ = run("minidl-best", list(range(10)))
    assert [result.status for result in results] == ["ok"] * 10
    assert np.mean([result.test_error for result in results]) <= 0.006
