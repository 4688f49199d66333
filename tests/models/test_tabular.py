"""Networks for the user's own data learn its shapes and classes from the data themselves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cmpnet import CmpnetError, DataInfo, Task, training
from cmpnet.arms import Shared, options_by_part, resolve
from cmpnet.events import Trained
from cmpnet.losses import classification
from cmpnet.models.layers import Dropout
from cmpnet.models.tabular import LINEAR, linear, mlp
from cmpnet.options import options_of
from cmpnet.registry import Registry, fault_of
from cmpnet.spec import Architecture, Arm
from tests.helpers import make_images, make_table

REGISTRY = Registry()


def info(*shape: int, classes: int = 3) -> DataInfo:
    return DataInfo(shape, {"class": ()}, tuple(map(str, range(classes))))


def size(net: nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def trained(arm: Arm, seed: int) -> Any:
    return next(e.results[0] for e in training.run(arm, [seed]) if isinstance(e, Trained))


@pytest.mark.parametrize("shape", [(4,), (1, 5, 5), (3, 2, 2)])
@pytest.mark.parametrize("build", [linear, mlp])
def test_a_network_reads_samples_of_any_shape_and_scores_every_class(
    build: Any, shape: tuple[int, ...]
) -> None:
    scores = build(data=info(*shape, classes=7))(torch.randn(2, *shape))["scores"]
    assert scores.shape == (2, 7)


def test_sizes_are_those_of_the_formulas() -> None:
    assert size(linear(data=info(4))) == 3 * (4 + 1)
    assert size(mlp(data=info(4), hidden=5, depth=1)) == 5 * (4 + 1) + 3 * (5 + 1)
    assert size(mlp(data=info(4), hidden=5, depth=3)) == 5 * (4 + 1) + 2 * 5 * (5 + 1) + 3 * (5 + 1)


def test_dropout_follows_each_hidden_layer_and_is_absent_at_0() -> None:
    rates = [m.p for m in mlp(data=info(4), dropout=0.3).modules() if isinstance(m, Dropout)]
    assert rates == [0.3, 0.3]
    assert not any(isinstance(module, Dropout) for module in mlp(data=info(4)).modules())


def test_the_loss_is_the_mean_of_minus_the_log_of_the_softmax_of_the_true_class() -> None:
    scores = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])
    loss = classification({"scores": scores}, {"class": torch.tensor([0, 1])})
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)


def test_linear_gives_the_losses_of_multinomial_logistic_regression_in_plain_torch() -> None:
    arm = resolve("linear", REGISTRY, Shared({"data": make_table("t.csv")}))
    learner, (data,) = training.make_learner(arm, [100])
    twin = nn.Linear(4, 3)
    weights = learner.weights()[0]
    twin.load_state_dict({n.split(".")[-1]: torch.tensor(value) for n, value in weights.items()})
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.03)
    x, target = torch.tensor(data.train.x), torch.tensor(data.train.targets["class"])
    for step in range(5):
        rows = np.arange(16 * step, 16 * step + 16)
        (loss,) = learner.step(rows[None], lr=0.03, progress=0.0)
        expected = functional.cross_entropy(twin(x[rows]), target[rows])
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("name", ["linear", "mlp"])
def test_iris_like_samples_are_told_apart(name: str) -> None:
    # The best possible error on these three Gaussians, by their densities, is 5 %.
    arm = resolve(name, REGISTRY, Shared({"data": make_table("t.csv", (150, 150, 150))}))
    result = trained(arm, 100)
    assert result.test_error < 0.12
    assert result.details["classes"] == ["setosa", "versicolor", "virginica"]
    assert np.sum(result.details["confusion"]) == 90


def test_a_folder_of_images_trains_an_mlp() -> None:
    make_images("f", classes=("a", "b"), each=10, size=(6, 4))
    result = trained(resolve("mlp", REGISTRY, Shared({"data": "f", "epochs": 2})), 0)
    assert (result.status, result.parameters) == ("ok", 64 * 25 + 64 * 65 + 2 * 65)


# -- what a build function is told ----------------------------------------------------------------


def test_data_is_no_option_of_a_network_that_asks_for_it_but_one_of_the_task() -> None:
    assert set(options_of(mlp)) == {"hidden", "depth", "dropout"}
    options = options_by_part("mlp", REGISTRY)
    assert "data" not in options["architecture"]
    assert "data" in options["task"]


def test_a_network_of_another_task_is_told_its_shapes_too() -> None:
    told: list[DataInfo] = []

    def build(*, data: DataInfo, width: int = 4) -> nn.Module:
        told.append(data)
        return REGISTRY.architecture("baseline").build(hidden=width)  # type: ignore[no-any-return]

    net = replace(REGISTRY.architecture("baseline"), name="mine", build=build)
    assert fault_of(net) == ""
    training.make_learner(resolve(net, REGISTRY, Shared({"pairs": 10})), [0])
    assert told == [DataInfo((2, 14, 14), {"target": (), "classes": (2,)})]


def test_an_option_called_data_stays_an_option() -> None:
    def build(*, data: int = 4) -> nn.Module:
        assert data == 8
        return REGISTRY.architecture("baseline").build()  # type: ignore[no-any-return]

    net = replace(REGISTRY.architecture("baseline"), name="mine", build=build)
    training.make_learner(resolve(net, REGISTRY, Shared({"pairs": 10, "data": 8})), [0])


def promising(*shape: Any) -> Architecture:
    return replace(LINEAR, name="mine", outputs={"scores": shape})


def test_an_output_per_class_is_checked_against_the_classes_of_the_data() -> None:
    table = make_table("t.csv")
    for shape, message in (((3,), ""), ((4,), "its record promises"), ((2, "classes"), "promises")):
        result = trained(resolve(promising(*shape), REGISTRY, Shared({"data": table})), 0)
        assert result.status == ("failed" if message else "ok")
        assert message in result.cause


def test_a_size_that_is_no_number_and_not_classes_is_refused() -> None:
    assert "its 'outputs' 'scores' 1 is 'class'" in fault_of(promising("class"))


def test_an_output_per_class_needs_a_task_that_names_its_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = REGISTRY.task("classes")

    def load(seed: int, *, data: str | None = None) -> Any:
        return replace(task.load(seed, data=data), classes=())

    nameless: Task = replace(task, load=load)
    monkeypatch.setattr(Registry, "task", lambda *_: nameless)
    arm = resolve("linear", REGISTRY, Shared({"data": make_table("t.csv")}))
    with pytest.raises(CmpnetError, match="the task 'classes' names no classes"):
        training.make_learner(arm, [0])
