"""Time per step of minidl and of the same network in a plain torch script with autograd.

2-25-25-25-1 with ReLU, batches of 10, plain SGD, sum of squares. On both sides a step draws its
samples from a data set of 10000 points. The sides run alternately in one process, and the medians
and ratios come from one run, since the machine may be shared. Both sides use one thread (set
OMP_NUM_THREADS), which is fastest for networks of this size.

    OMP_NUM_THREADS=1 python tests/benchmarks/perf_minidl.py [ROUNDS [STEPS [REPEATS]]]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

import minidl

POINTS, BATCH, LR = 10_000, 10, 0.001
Work = Callable[[int], None]


def torch_script() -> Work:
    """The usual script: ``nn.Sequential``, ``backward``, ``torch.optim.SGD``."""
    x = torch.rand(POINTS, 2)
    target = ((x - 0.5).norm(dim=1, keepdim=True) < 0.4).float()
    net = nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU(), nn.Linear(25, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.ReLU(), nn.Linear(25, 1)),
    )
    loss = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(net.parameters(), lr=LR)

    def work(steps: int) -> None:
        order = torch.randint(POINTS, (steps, BATCH))
        for rows in order:
            value = loss(net(x[rows]), target[rows])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()

    return work


def minidl_script(repeats: int | None) -> Work:
    """The same in minidl: R repeats side by side, each with its own data, or one network."""
    lead = () if repeats is None else (repeats,)
    rng = np.random.default_rng(0)
    x = rng.random((*lead, POINTS, 2), np.float32).reshape(-1, 2)
    target = (np.hypot(*(x - 0.5).T) < 0.4).astype(np.float32)[:, None]
    net = minidl.Sequential(
        *(minidl.Linear(2, 25), minidl.ReLU(), minidl.Linear(25, 25), minidl.ReLU()),
        *(minidl.Linear(25, 25), minidl.ReLU(), minidl.Linear(25, 1)),
    )
    net.draw(None if repeats is None else [np.random.default_rng(r) for r in range(repeats)])
    loss = minidl.LossMSE()
    optimizer = minidl.SGD(net, lr=LR)
    first = POINTS * np.arange(repeats or 1).reshape(*lead, 1)

    def work(steps: int) -> None:
        order = rng.integers(POINTS, size=(steps, *lead, BATCH)) + first
        for rows in order:
            loss.forward(net.forward(x.take(rows, 0)), target.take(rows, 0))
            net.zero_grad()
            net.backward(loss.backward())
            optimizer.step()

    return work


def microseconds(work: Work, steps: int) -> float:
    started = time.perf_counter()
    work(steps)
    return (time.perf_counter() - started) / steps * 1e6


def main(rounds: int = 9, steps: int = 2000, repeats: int = 10) -> None:
    torch.set_num_threads(1)
    reference = torch_script()
    sides = {
        f"{repeats} repeats stacked, per repeat": (minidl_script(repeats), repeats),
        "1 repeat, stacked": (minidl_script(1), 1),
        "1 repeat, no repeats axis": (minidl_script(None), 1),
    }
    for work in (reference, *(work for work, _ in sides.values())):
        work(200)  # warm up
    for name, (work, share) in sides.items():
        times = [
            (microseconds(reference, steps), microseconds(work, steps) / share)
            for _ in range(rounds)
        ]
        slow, fast = (statistics.median(side) for side in zip(*times, strict=True))
        ratios = sorted(a / b for a, b in times)
        print(
            f"{name}: torch {slow:.1f} us per step, minidl {fast:.2f} us, "
            f"{statistics.median(ratios):.1f} times as fast "
            f"(n = {rounds}, {ratios[0]:.1f}-{ratios[-1]:.1f})",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
