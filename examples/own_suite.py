"""A suite of one's own: arms and a claim in a TOML file, benched, its verdict read from the export.

From a shell: cmpnet bench --suite mine.toml
"""

import json
import subprocess
import sys
from pathlib import Path

SUITE = """
title = "Does the hidden layer of the baseline matter?"

[[arm]]
arm = "baseline[hidden=1]"

[[arm]]
arm = "baseline"

[[claim]]
says = "512 hidden units are better than one"
lower = "baseline"
than = "baseline[hidden=1]"
"""


def main() -> None:
    Path("mine.toml").write_text(SUITE)
    bench = [sys.executable, "-m", "cmpnet", "bench", "--suite", "mine.toml", "--repeats", "3"]
    small = ["--epochs", "3", "--pairs", "200", "--quiet", "--no-plot"]
    subprocess.run([*bench, *small, "--export-json", "mine.json"], check=True)
    (claim,) = json.loads(Path("mine.json").read_text())["claims"]
    print(f"{claim['says']}: {claim['verdict']} ({claim['n']} pairs)")


if __name__ == "__main__":
    main()
