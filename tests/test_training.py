"""The loop: with the real torch learner, and with one that notes what it is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cmpnet import (
    Architecture,
    Arm,
    ArmKey,
    CmpnetError,
    Data,
    Layer,
    Learner,
    Loss,
    RepeatResult,
    Split,
    Task,
    TrainConfig,
    training,
)
from cmpnet.arms import Shared, resolve
from cmpnet.events import Epoch, Trained
from cmpnet.registry import Registry


class Recorder:
    """A learner that notes every call; its errors get worse from the third epoch on."""

    backend = "none"
    side_by_side = True
    devices = ("cpu",)
    parameters = 1
    last: Recorder

    def __init__(self, arm: Arm, datasets: Sequence[Data], seeds: Sequence[int]) -> None:
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


def recorded(*, learner: type[Recorder] = Recorder, **config: Any) -> Arm:
    """A task of ten zeros, learnt by a recorder."""
    split = Split(np.zeros((10, 2)), {"target": np.zeros(10, dtype=int)})
    task = Task(
        name="t",
        summary="",
        load=lambda seed: Data(split, split),
        wrong=lambda output, targets: output["answer"] != targets["target"],
        fingerprint=lambda: "",
    )
    architecture = Architecture(
        name="a",
        summary="",
        build=dict,
        outputs={},
        task="t",
        loss="l",
        learner=f"{__name__}:{learner.__name__}",
    )
    key = ArmKey(
        label="a",
        architecture="a",
        loss="l",
        task="t",
        architecture_options={},
        loss_options={},
        task_options={},
        config=TrainConfig(**config),
    )
    loss = Loss(name="l", summary="", fn=dict, needs=(), backend="none")
    registry = Registry()
    return Arm(
        key,
        architecture,
        loss,
        task,
        registry.record("optimizer", key.config.optimizer),
        registry.record("schedule", key.config.schedule),
        registry.record("augmentation", key.config.augmentation),
    )


def train_with_learner(
    arm: Arm, seeds: Sequence[int]
) -> tuple[tuple[RepeatResult, ...], Learner | None]:
    """The results, and the learner that they came from."""
    *_, last = training.run(arm, seeds)
    assert isinstance(last, Trained)
    return last.results, last.learner


def train(arm: Arm, seeds: Sequence[int]) -> tuple[RepeatResult, ...]:
    return train_with_learner(arm, seeds)[0]


def test_every_sample_is_seen_once_per_epoch_in_a_new_order() -> None:
    train(recorded(epochs=2, batch_size=4), [5])
    rows = [batch[0] for batch in Recorder.last.rows]
    assert [len(batch) for batch in rows] == [4, 4, 2] * 2
    first, second = np.concatenate(rows[:3]), np.concatenate(rows[3:])
    assert sorted(first) == sorted(second) == list(range(10))
    assert first.tolist() != second.tolist()


def test_a_task_keeps_details_of_the_last_epoch_and_of_the_outputs_that_the_loss_trains() -> None:
    arm = recorded(epochs=3)
    asked: list[tuple[set[str], list[int]]] = []

    def details(output: Mapping[str, Any], targets: Any, mistakes: Any) -> dict[str, Any]:
        asked.append((set(output), mistakes.tolist()))
        return {"doubled": 2 * mistakes}

    arm = replace(arm, task=replace(arm.task, details=details))
    (result,) = train(arm, [0])
    assert asked == [(set(), [0, 1, 2, 3])]
    assert result.details == {"doubled": [0, 2, 4, 6]}
    train(replace(arm, loss=replace(arm.loss, needs=("answer",))), [0])
    assert asked[1][0] == {"answer"}


def test_each_repeat_has_an_order_of_its_own_which_is_the_same_alone_or_beside_others() -> None:
    train(recorded(epochs=1, batch_size=10), [5, 6])
    together = Recorder.last.rows[0]
    assert together[0].tolist() != together[1].tolist()
    train(recorded(epochs=1, batch_size=10), [6])
    assert Recorder.last.rows[0][0].tolist() == together[1].tolist()


def test_the_reported_error_is_that_of_the_last_epoch_and_not_the_best() -> None:
    (result,) = train(recorded(epochs=3), [0])
    assert result.curves.test_error == [0.5, 0.1, 0.4]
    assert result.test_error == 0.4
    assert result.error_count == 4
    assert result.mistakes == [0, 1, 2, 3]
    assert result.curves.train_error == [0.0, 0.5, 0.1]
    assert result.train_error == 0.1
    assert result.train_count == 1


def test_a_repeat_whose_loss_is_not_finite_has_diverged_and_the_others_continue() -> None:
    results = train(recorded(epochs=3), [12, 13, 14])
    assert [r.status for r in results] == ["ok", "diverged", "ok"]
    assert results[1].test_error is None
    assert "epoch 1" in results[1].cause
    assert len(results[2].curves.test_error) == 3


def test_a_repeat_whose_output_is_not_finite_has_diverged_and_has_no_error() -> None:
    (result,) = train(recorded(learner=LateNaN, epochs=2), [0])
    assert result.status == "diverged"
    assert result.test_error is None


def test_an_output_that_is_missing_or_has_another_shape_than_promised_is_a_failure() -> None:
    arm = recorded(epochs=1)
    wide = replace(arm, architecture=replace(arm.architecture, outputs={"answer": (2,)}))
    (result,) = train(wide, [0])
    assert result.status == "failed"
    assert result.cause.startswith(
        "PluginError: The output 'answer' of architecture 'a' has shape (1, 10); its record "
        "promises (1, 10, 2).\nTraceback"
    )
    missing = replace(arm, architecture=replace(arm.architecture, outputs={"other": ()}))
    (result,) = train(missing, [0])
    assert "The output 'other' of architecture 'a' is missing" in result.cause


def test_verdicts_that_are_not_one_boolean_per_sample_are_a_failure() -> None:
    arm = recorded(epochs=1)
    odd = replace(arm.task, wrong=lambda output, targets: np.zeros((10, 2), dtype=bool))
    (result,) = train(replace(arm, task=odd), [0])
    assert result.status == "failed"
    assert "returned bool (10, 2) for 10 samples; it must return bool (10,)" in result.cause


def test_training_stops_when_every_repeat_has_diverged() -> None:
    (result,) = train(recorded(epochs=50), [13])
    assert result.status == "diverged"
    assert len(Recorder.last.lrs) == 1


def test_there_is_one_event_per_epoch_and_repeat_and_then_the_results() -> None:
    *events, last = training.run(recorded(epochs=2), [12, 13, 14])
    assert events == [
        Epoch(12, 1, train_loss=1.0, train_error=0.0, test_error=0.5),
        Epoch(14, 1, train_loss=1.0, train_error=0.0, test_error=0.5),
        Epoch(12, 2, train_loss=1.0, train_error=0.5, test_error=0.1),
        Epoch(14, 2, train_loss=1.0, train_error=0.5, test_error=0.1),
    ], "13 has diverged"
    assert isinstance(last, Trained)
    assert [result.seed for result in last.results] == [12, 13, 14]


def test_a_training_goes_no_further_than_its_events_are_taken() -> None:
    events = training.run(recorded(epochs=50, batch_size=10), [0])
    next(events)
    assert len(Recorder.last.lrs) == 1
    events.close()  # type: ignore[attr-defined]
    assert list(events) == []
    assert len(Recorder.last.lrs) == 1


@pytest.mark.parametrize("kind", [ValueError, SystemExit, GeneratorExit, StopIteration])
def test_whatever_a_plugin_raises_is_a_failure_with_its_traceback(kind: type[Exception]) -> None:
    def load(seed: int) -> Data:
        raise kind("sour milk")

    arm = recorded()
    (result, other) = train(replace(arm, task=replace(arm.task, load=load)), [0, 1])
    assert (result.status, other.status) == ("failed", "failed")
    assert result.cause.startswith(f"{kind.__name__}: sour milk\nTraceback")
    assert ", in load\n" in result.cause


def test_ctrl_c_stops_a_training_in_this_process() -> None:
    def load(seed: int) -> Data:
        raise KeyboardInterrupt

    arm = recorded()
    with pytest.raises(KeyboardInterrupt):
        train(replace(arm, task=replace(arm.task, load=load)), [0])


def test_progress_goes_from_zero_to_almost_one_in_equal_steps() -> None:
    train(recorded(epochs=2, batch_size=5), [0])
    assert Recorder.last.progress == [0.0, 0.25, 0.5, 0.75]


def test_cosine_is_torchs_cosine_annealing_step_by_step() -> None:
    train(recorded(epochs=3, batch_size=1, lr=0.7, schedule="cosine"), [0])
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.7)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30)
    expected = []
    for _ in range(30):
        expected.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert Recorder.last.lrs == pytest.approx(expected)


# -- with real nets on real digits ----------------------------------------------------------------


def real(text: str, **options: str) -> Arm:
    quick = {"epochs": "1", "pairs": "60", "batch_size": "20"}
    return resolve(text, Registry(), Shared({**quick, **options}))


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_weights_and_data() -> None:
    arm = real("ws-aux")
    (one,), first = train_with_learner(arm, [4])
    (two,) = train(arm, [4])
    (three,), other = train_with_learner(arm, [5])
    assert replace(one, seconds=0) == replace(two, seconds=0)
    assert one.curves.train_loss != three.curves.train_loss
    fresh = [training.make_learner(arm, [seed])[0].weights()[0] for seed in (4, 5)]
    assert any((fresh[0][name] != fresh[1][name]).any() for name in fresh[0])
    assert first is not other


def test_earlier_use_of_torch_does_not_change_a_repeat() -> None:
    arm = real("ws")
    (one,) = train(arm, [4])
    torch.manual_seed(99)
    torch.rand(1000)
    (two,) = train(arm, [4])
    assert one.curves == two.curves


def test_errors_are_counted_in_evaluation_mode() -> None:
    arm = real("ws")
    learner, _ = training.make_learner(arm, [0])
    learner.step(np.arange(20)[None], lr=0.1, progress=0.0)
    once, twice = learner.predict("test"), learner.predict("test")
    np.testing.assert_array_equal(once["verdict"], twice["verdict"])  # dropout would differ
    net = learner.net  # type: ignore[attr-defined]
    x = learner.parts["test"][0]  # type: ignore[attr-defined]
    with torch.inference_mode():
        alone = torch.cat([net.eval()(pair[None])["verdict"] for pair in x])
    # BatchNorm in training mode would make a pair's verdict depend on its neighbours.
    np.testing.assert_allclose(alone.numpy(), once["verdict"][0], rtol=1e-4, atol=1e-5)


def test_a_training_with_far_too_high_a_learning_rate_diverges() -> None:
    (result,) = train(real("ws-plain", lr="1000", epochs="3"), [0])
    assert result.status == "diverged"


def test_training_learns() -> None:
    (result,) = train(real("ws-aux", pairs="500", epochs="5"), [100])
    assert result.test_error is not None
    assert result.test_error < 0.3
    assert result.curves.train_loss[-1] < result.curves.train_loss[0] / 2


def test_a_device_that_this_machine_lacks_is_a_failure() -> None:
    arm = real("baseline", device="abacus")
    with pytest.raises(CmpnetError, match="use --device cpu"):
        training.make_learner(arm, [0])
    (result,) = train(arm, [0])
    assert result.status == "failed"
    assert "use --device cpu" in result.cause
