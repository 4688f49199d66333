"""The learner: repeats side by side, agreement with torch, and the report's figures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cmpnet import Learner, RepeatResult, training
from cmpnet.arms import Shared, resolve
from cmpnet.events import Trained
from cmpnet.registry import Registry
from cmpnet_minidl import disk, registration
from cmpnet_minidl.torch_mlp import TorchMLP
from minidl import MinidlError

SMALL = {"points": 300, "epochs": 2}


def run(text: str, seeds: list[int], **options: object) -> tuple[list[RepeatResult], Learner]:
    arm = resolve(text, Registry(), Shared(options))
    *_, end = training.run(arm, seeds)
    assert isinstance(end, Trained)
    assert end.learner is not None, end.results[0].cause
    return list(end.results), end.learner


def learner_of(text: str, seeds: list[int]) -> Learner:
    return training.make_learner(resolve(text, Registry(), Shared(SMALL)), seeds)[0]


# -- repeats --------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_repeat_is_the_same_beside_any_others(optimizer: str) -> None:
    together, learner = run("minidl-relu", [0, 1, 2, 3], optimizer=optimizer, **SMALL)
    pair, other = run("minidl-relu", [3, 1], optimizer=optimizer, **SMALL)
    for r, seed in enumerate((3, 1)):
        assert pair[r].error_count == together[seed].error_count
        np.testing.assert_allclose(
            pair[r].curves.train_loss, together[seed].curves.train_loss, rtol=1e-5
        )
        for name, value in other.weights()[r].items():
            np.testing.assert_allclose(value, learner.weights()[seed][name], rtol=1e-3, atol=1e-5)


def test_a_repeat_that_diverges_does_not_change_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = disk.train_and_test

    def poisoned(seed: int, points: int, radius: float) -> tuple[disk.Points, disk.Points]:
        both = draw(seed, points, radius)
        if seed == 1:
            both[0][0][7] = np.inf
        return both

    alone, _ = run("minidl-relu", [0, 2], **SMALL)
    monkeypatch.setattr(disk, "train_and_test", poisoned)
    results, _ = run("minidl-relu", [0, 1, 2], **SMALL)
    assert [result.status for result in results] == ["ok", "diverged", "ok"]
    assert "no longer finite in epoch 1" in results[1].cause
    for result, expected in zip((results[0], results[2]), alone, strict=True):
        assert result.error_count == expected.error_count
        np.testing.assert_allclose(result.curves.train_loss, expected.curves.train_loss, rtol=1e-5)


def test_a_learning_rate_that_is_far_too_large_diverges_without_a_warning() -> None:
    results, _ = run("minidl-relu", [0, 1], lr=100, **SMALL)
    assert [result.status for result in results] == ["diverged", "diverged"]


def test_the_last_batch_may_be_smaller() -> None:
    results, _ = run("minidl-relu", [0], points=25, epochs=1)
    assert results[0].status == "ok"


def test_another_device_is_refused() -> None:
    with pytest.raises(MinidlError, match="on the CPU only, not on 'cuda'"):
        learner_of("minidl-relu[device=cuda]", [0])


# -- networks -------------------------------------------------------------------------------------


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


def test_each_repeat_has_its_own_weights_under_the_names_of_torch() -> None:
    (first, second) = learner_of("minidl-relu[depth=1,width=4]", [0, 1]).weights()
    assert {name: value.shape for name, value in first.items()} == {
        "0.weight": (2, 4), "0.bias": (4,), "2.weight": (4, 1), "2.bias": (1,),
    }  # fmt: skip
    assert (first["0.weight"] != second["0.weight"]).all()


# -- agreement with torch -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer",
    [
        "sgd",
        "momentum",
        "adam",
        "adamw",
        "sgd,momentum=0.5",
        "adam,beta1=0.5,beta2=0.9,eps=0.01",
        "adamw,weight-decay=0.5",
    ],
)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_minidl_trains_like_the_same_network_in_torch(optimizer: str, activation: str) -> None:
    """From the same weights and samples, autograd and the hand-written derivatives agree."""
    options = f"optimizer={optimizer}"
    ours = learner_of(f"minidl-{activation}[{options}]", [5])
    theirs = learner_of(f"torch-mlp[{options},activation={activation}]", [5])
    net = theirs.net  # type: ignore[attr-defined]
    assert isinstance(net, TorchMLP)
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), ours.weights()[0].values(), strict=True):
            parameter.copy_(torch.from_numpy(value.T.copy()))
    order = np.random.default_rng(0)
    for _ in range(50):
        rows = order.integers(0, 300, (1, 10))
        losses = [learner.step(rows, lr=0.002, progress=0.0) for learner in (ours, theirs)]
        np.testing.assert_allclose(*losses, rtol=1e-3)
    np.testing.assert_allclose(
        ours.predict("test")["inside"], theirs.predict("test")["inside"], rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_the_centred_cross_entropy_agrees_with_torch_and_its_sign_predicts(scale: float) -> None:
    output = np.random.default_rng(0).normal(0.5, 2, (3, 10, 1))
    target = (np.random.default_rng(1).random((3, 10, 1)) > 0.5).astype(float)
    tensor = torch.from_numpy(output.copy()).requires_grad_()
    logits = scale * (tensor - 0.5)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.from_numpy(target), reduction="none"
    ).sum((1, 2))
    expected.sum().backward()
    loss = registration.bce_minidl(scale=scale)
    np.testing.assert_allclose(loss.forward(output, target), expected.detach(), rtol=1e-12)
    assert tensor.grad is not None
    np.testing.assert_allclose(loss.backward(), tensor.grad, rtol=1e-12, atol=1e-12)
    wrong = registration.wrong({"inside": output[0]}, {"target": target[0, :, 0]})
    assert (wrong == ((logits[0, :, 0] > 0).numpy() != target[0, :, 0])).all()


# -- the report -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_setting_of_the_report_has_a_test_error_of_at_most_three_percent() -> None:
    results, _ = run("minidl-relu", list(range(10)))
    assert [result.status for result in results] == ["ok"] * 10
    assert np.mean([result.test_error for result in results]) <= 0.03


@pytest.mark.slow
def test_the_recommended_recipe_has_a_test_error_of_at_most_0_6_percent() -> None:
    results, _ = run("minidl-best", list(range(10)))
    assert [result.status for result in results] == ["ok"] * 10
    assert np.mean([result.test_error for result in results]) <= 0.006
