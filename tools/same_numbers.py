"""Compare two JSON exports repeat by repeat, bit for bit; times and code versions do not count.

    python -m tools.same_numbers before.json after.json

Exits with 1 if a repeat of the first file differs in the second, or is missing there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

IGNORED = ("seconds",)
Repeats = dict[tuple[str, int], dict[str, Any]]


def repeats(path: str) -> Repeats:
    """Every repeat of an export by arm and seed."""
    return {
        (arm["name"], repeat["seed"]): {k: v for k, v in repeat.items() if k not in IGNORED}
        for arm in json.loads(Path(path).read_text())["arms"]
        for repeat in arm["repeats"]
    }


def main(before_path: str, after_path: str) -> int:
    """Print what differs; the exit code."""
    before, after = repeats(before_path), repeats(after_path)
    different = [key for key, numbers in before.items() if after.get(key) != numbers]
    for name, seed in different:
        print(f"{name}, seed {seed}: {'differs' if (name, seed) in after else 'is missing'}")
    print(f"{len(before) - len(different)} of {len(before)} repeats are the same, bit for bit")
    return 1 if different or not before else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
