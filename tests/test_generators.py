"""Every random generator of Python, numpy and torch is seeded in a training, and given back."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import cmpnet
from cmpnet import Architecture, training
from cmpnet.arms import Shared, resolve
from cmpnet.events import Trained
from cmpnet.registry import Registry
from cmpnet.spec import Curves


class Noisy(torch.nn.Module):
    """A linear network with noise on its input from all three global generators."""

    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(392, 2))

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        if self.training:
            noise = np.random.random(x.shape[0]) + random.random()  # noqa: NPY002
            x = x + torch.from_numpy(noise).to(x.dtype).reshape(-1, 1, 1, 1) + torch.rand(1)
        return {"verdict": self.body(x)}


NOISY = Architecture(
    name="noisy",
    summary="",
    build=Noisy,
    outputs={"verdict": (2,)},
    task="digit-pairs",
    loss="ce",
)


def train(seed: int) -> Curves:
    arm = resolve(NOISY, Registry(), Shared({"epochs": 2, "pairs": 40}))
    events: Iterator[object] = training.run(arm, [seed])
    (result,) = next(event.results for event in events if isinstance(event, Trained))
    assert result.status == "ok", result.cause
    return result.curves


def test_a_network_that_draws_from_the_global_generators_gives_the_same_numbers_again() -> None:
    first = train(3)
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002
    assert train(3) == first
    assert train(4) != first


def test_it_gives_the_same_numbers_in_a_worker_and_in_this_process(tmp_path: object) -> None:
    small = {"epochs": 2, "pairs": 40, "store": tmp_path}
    bench = cmpnet.bench([NOISY], repeats=2, seed=3, workers=2, **small)
    assert bench.arms[0].repeats[3].curves == train(3)


def test_the_callers_generators_go_on_as_if_nothing_was_trained() -> None:
    def draw() -> list[float]:
        return [random.random(), float(np.random.random())]  # noqa: NPY002

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = draw()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    train(3)
    assert draw() == expected


@pytest.mark.parametrize("seed", [0, 2**32])
def test_every_allowed_seed_seeds_them(seed: int) -> None:
    assert train(seed) == train(seed)


def test_a_caller_that_draws_numbers_between_epochs_does_not_change_the_training(
    tmp_path: object,
) -> None:
    def draw(event: object) -> None:
        random.random()
        np.random.random(7)  # noqa: NPY002
        torch.rand(3)

    small = {"epochs": 2, "pairs": 40, "store": tmp_path}
    results = cmpnet.train(NOISY, seed=3, on_event=draw, **small)
    assert results.arms[0].repeats[3].cause == ""
    assert results.arms[0].repeats[3].curves == train(3)


def test_a_training_leaves_the_callers_number_of_threads_alone(tmp_path: object) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        cmpnet.train(NOISY, epochs=1, pairs=40, store=tmp_path)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
