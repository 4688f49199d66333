"""``make perf``: cmpnet's default bench beside a plain PyTorch script doing the same work.

Times whole processes, start-up of both sides included, in turn (A B A B ...), and prints medians
and their ratio. Compare figures of one run only: the machine may be shared.

    python -m tests.benchmarks.perf [ROUNDS [REPEATS [EPOCHS]]]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import timeit

from cmpnet.runtime.imports import imported


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def compare(name: str, slow: list[str], fast: list[str], rounds: int) -> None:
    """Time two commands in turn and print medians and the ratio of each round."""
    times = [(seconds(slow), seconds(fast)) for _ in range(rounds)]
    before, after = (statistics.median(side) for side in zip(*times, strict=True))
    ratios = sorted(a / b for a, b in times)
    print(
        f"{name}: {before:.2f} s against {after:.2f} s, "
        f"{statistics.median(ratios):.2f} x as fast "
        f"(n = {rounds}, {ratios[0]:.2f}-{ratios[-1]:.2f})",
        flush=True,
    )


def main(rounds: int = 3, repeats: int = 10, epochs: int = 25) -> None:
    python = [sys.executable, "-m"]
    with tempfile.TemporaryDirectory() as store:
        compare(
            "default bench, plain script against cmpnet",
            [*python, "tests.benchmarks.plain", str(repeats), str(epochs)],
            [
                *python,
                "cmpnet",
                "bench",
                "--repeats",
                str(repeats),
                "--epochs",
                str(epochs),
                "--fresh",
                "--store",
                store,
            ],
            rounds,
        )
    importing = [sys.executable, "-c", "import torch"]
    for command in ("--help", "list"):
        compare(
            f"import torch against cmpnet {command}", importing, [*python, "cmpnet", command], 7
        )
    library = [sys.executable, "-c", "import cmpnet"]
    compare("import torch against import cmpnet", importing, library, 7)
    imported()
    looks = timeit.repeat(imported, number=1, repeat=7)
    print(f"each job looks again at what is imported: {1000 * statistics.median(looks):.1f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
