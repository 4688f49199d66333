"""The loop: with the real torch learner, and with one that writes down what it is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cmpnet import Architecture, Arm, CmpnetError, Data, Loss, Split, Task, TrainConfig, train
from cmpnet.arms import Parts, load_parts, make_arms
from cmpnet.registry import Registry
from cmpnet.spec import Layer


class Recorder:
    """A learner that notes every call; its errors get worse from the third epoch on."""

    side_by_side = True
    parameters = 1
    last: Recorder

    def __init__(
        self,
        architecture: Architecture,
        loss: Loss,
        arm: Arm,
        datasets: Sequence[Data],
        seeds: Sequence[int],
    ) -> None:
        self.seeds, self.datasets = list(seeds), datasets
        self.rows: list[NDArray[Any]] = []
        self.lrs: list[float] = []
        self.progress: list[float] = []
        self.evaluations = 0
        Recorder.last = self

    def step(self, rows: NDArray[Any], *, lr: float, progress: float) -> NDArray[Any]:
        self.rows.append(rows.copy())
        self.lrs.append(lr)
        self.progress.append(progress)
        return np.array([math.nan if seed == 13 else 1.0 for seed in self.seeds])

    def predict(self, part: str) -> Mapping[str, NDArray[Any]]:
        self.evaluations += part == "test"
        wrong = [0, 5, 1, 4][self.evaluations]
        answers = np.zeros((len(self.seeds), 10), dtype=int)
        answers[:, :wrong] = 1
        return {"answer": answers}

    def weights(self) -> list[dict[str, Any]]:
        return []

    def layers(self) -> list[Layer]:
        return []


class LateNaN(Recorder):
    """Its losses are finite, its outputs are not."""

    def predict(self, part: str) -> Mapping[str, NDArray[Any]]:
        return {"answer": np.full((len(self.seeds), 10), np.nan)}


def parts_and_arm(**config: Any) -> tuple[Parts, Arm]:
    """A task of ten zeros, learnt by the recorder."""
    split = Split(np.zeros((10, 2)), {"target": np.zeros(10, dtype=int)})
    task = Task(
        name="t",
        summary="",
        load=lambda seed: Data(split, split),
        wrong=lambda output, targets: output["answer"] != targets["target"],
        fingerprint=lambda: "",
    )
    arch = Architecture(
        name="a",
        summary="",
        build=dict,
        gives={},
        task="t",
        loss="l",
        learner="tests.test_train:Recorder",
    )
    loss = Loss(name="l", summary="", fn=dict, needs=())
    arm = Arm(
        label="a",
        architecture="a",
        loss="l",
        task="t",
        architecture_options={},
        loss_options={},
        task_options={},
        config=TrainConfig(**config),
    )
    return Parts(arch, loss, task), arm


def test_every_sample_is_seen_once_an_epoch_in_a_new_order() -> None:
    train.run(*parts_and_arm(epochs=2, batch_size=4), [5])
    rows = [batch[0] for batch in Recorder.last.rows]
    assert [len(batch) for batch in rows] == [4, 4, 2] * 2
    first, second = np.concatenate(rows[:3]), np.concatenate(rows[3:])
    assert sorted(first) == sorted(second) == list(range(10))
    assert first.tolist() != second.tolist()


def test_a_task_keeps_details_of_the_last_epoch_and_of_what_the_loss_trains() -> None:
    parts, arm = parts_and_arm(epochs=3)
    asked: list[tuple[set[str], list[int]]] = []

    def details(output: Mapping[str, Any], targets: Any, mistakes: Any) -> dict[str, Any]:
        asked.append((set(output), mistakes.tolist()))
        return {"doubled": 2 * mistakes}

    task = replace(parts.task, details=details)
    (result,), _ = train.run(Parts(parts.architecture, parts.loss, task), arm, [0])
    assert asked == [(set(), [0, 1, 2, 3])]
    assert result.details == {"doubled": [0, 2, 4, 6]}
    needy = Parts(parts.architecture, replace(parts.loss, needs=("answer",)), task)
    train.run(needy, arm, [0])
    assert asked[1][0] == {"answer"}


def test_each_repeat_has_an_order_of_its_own_which_is_the_same_alone_or_beside_others() -> None:
    train.run(*parts_and_arm(epochs=1, batch_size=10), [5, 6])
    together = Recorder.last.rows[0]
    assert together[0].tolist() != together[1].tolist()
    train.run(*parts_and_arm(epochs=1, batch_size=10), [6])
    assert Recorder.last.rows[0][0].tolist() == together[1].tolist()


def test_the_error_reported_is_the_last_epochs_and_not_the_best() -> None:
    (result,), _ = train.run(*parts_and_arm(epochs=3), [0])
    assert result.curves.test_error == [0.5, 0.1, 0.4]
    assert result.test_error == 0.4
    assert result.error_count == 4
    assert result.mistakes == [0, 1, 2, 3]
    assert result.curves.train_error == [0.0, 0.5, 0.1]
    assert result.train_error == 0.1
    assert result.train_count == 1


def test_a_repeat_whose_loss_is_not_finite_is_diverged_and_the_others_go_on() -> None:
    results, _ = train.run(*parts_and_arm(epochs=3), [12, 13, 14])
    assert [r.status for r in results] == ["ok", "diverged", "ok"]
    assert results[1].test_error is None
    assert "epoch 1" in results[1].cause
    assert len(results[2].curves.test_error) == 3


def test_an_output_that_is_not_finite_is_diverged_too_and_no_ordinary_error() -> None:
    parts, arm = parts_and_arm(epochs=2)
    bad = replace(parts.architecture, learner="tests.test_train:LateNaN")
    (result,), _ = train.run(replace(parts, architecture=bad), arm, [0])
    assert result.status == "diverged"
    assert result.test_error is None


def test_an_output_of_another_shape_than_promised_is_refused() -> None:
    parts, arm = parts_and_arm(epochs=1)
    wide = replace(parts.architecture, gives={"answer": "(B, 2)"})
    with pytest.raises(CmpnetError, match=r"'answer' of architecture 'a' is \(1, 10\)"):
        train.run(replace(parts, architecture=wide), arm, [0])


def test_verdicts_that_are_not_one_boolean_a_sample_are_refused() -> None:
    parts, arm = parts_and_arm(epochs=1)
    odd = replace(parts.task, wrong=lambda output, targets: np.zeros((10, 2), dtype=bool))
    with pytest.raises(CmpnetError, match=r"\(10,\) booleans"):
        train.run(replace(parts, task=odd), arm, [0])


def test_training_stops_when_every_repeat_has_diverged() -> None:
    (result,), _ = train.run(*parts_and_arm(epochs=50), [13])
    assert result.status == "diverged"
    assert len(Recorder.last.lrs) == 1


def test_progress_goes_from_zero_to_almost_one_in_equal_steps() -> None:
    train.run(*parts_and_arm(epochs=2, batch_size=5), [0])
    assert Recorder.last.progress == [0.0, 0.25, 0.5, 0.75]


def test_cosine_is_torchs_cosine_annealing_step_by_step() -> None:
    train.run(*parts_and_arm(epochs=3, batch_size=1, lr=0.7, schedule="cosine"), [0])
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.7)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30)
    expected = []
    for _ in range(30):
        expected.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert Recorder.last.lrs == pytest.approx(expected)


def test_one_cycle_rises_to_its_peak_and_falls_towards_zero() -> None:
    rates = [train.learning_rate("onecycle", step / 100) for step in range(100)]
    assert max(rates) == rates[30] == 1
    assert rates[0] == pytest.approx(1 / 25)  # torch's div_factor
    assert all(a < b for a, b in pairwise(rates[:31]))
    assert all(a > b for a, b in pairwise(rates[30:]))
    assert rates[-1] < 0.001


# -- with real nets on real digits ----------------------------------------------------------------


def real(text: str, **given: str) -> tuple[Parts, Arm]:
    registry = Registry()
    (arm,) = make_arms(
        registry, [text], {"epochs": "1", "pairs": "60", "batch_size": "20", **given}
    )
    return load_parts(registry, arm.architecture, arm.loss), arm


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_weights_and_data() -> None:
    parts, arm = real("ws-aux")
    (one,), first = train.run(parts, arm, [4])
    (two,), _ = train.run(parts, arm, [4])
    (three,), other = train.run(parts, arm, [5])
    assert replace(one, seconds=0) == replace(two, seconds=0)
    assert one.curves.train_loss != three.curves.train_loss
    fresh = [train.make_learner(parts, arm, [seed])[0].weights()[0] for seed in (4, 5)]
    assert any((fresh[0][name] != fresh[1][name]).any() for name in fresh[0])
    assert first is not other


def test_what_torch_did_before_does_not_change_a_repeat() -> None:
    parts, arm = real("ws")
    (one,), _ = train.run(parts, arm, [4])
    torch.manual_seed(99)
    torch.rand(1000)
    (two,), _ = train.run(parts, arm, [4])
    assert one.curves == two.curves


def test_errors_are_counted_in_evaluation_mode() -> None:
    parts, arm = real("ws")
    learner, _ = train.make_learner(parts, arm, [0])
    learner.step(np.arange(20)[None], lr=0.1, progress=0.0)
    once, twice = learner.predict("test"), learner.predict("test")
    np.testing.assert_array_equal(once["verdict"], twice["verdict"])  # dropout would differ
    net = learner.net  # type: ignore[attr-defined]
    x = learner.parts["test"][0]  # type: ignore[attr-defined]
    with torch.inference_mode():
        alone = torch.cat([net.eval()(pair[None])["verdict"] for pair in x])
    # BatchNorm in training mode would make a pair's verdict depend on its neighbours.
    np.testing.assert_allclose(alone.numpy(), once["verdict"][0], rtol=1e-4, atol=1e-5)


def test_a_learning_rate_far_too_high_ends_as_diverged() -> None:
    (result,), _ = train.run(*real("ws-plain", lr="1000", epochs="3"), [0])
    assert result.status == "diverged"


def test_training_learns() -> None:
    (result,), _ = train.run(*real("ws-aux", pairs="500", epochs="5"), [100])
    assert result.test_error is not None
    assert result.test_error < 0.3
    assert result.curves.train_loss[-1] < result.curves.train_loss[0] / 2


def test_a_device_this_machine_lacks_is_refused() -> None:
    with pytest.raises(CmpnetError, match="--device cpu"):
        train.run(*real("baseline", device="abacus"), [0])
