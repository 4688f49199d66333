"""A suite of your own: arms and a claim in a TOML file, trained and decided.

From a shell: cmpnet bench --suite mine.toml
"""

from pathlib import Path

import cmpnet

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

Path("mine.toml").write_text(SUITE)
results = cmpnet.bench(suite="mine.toml", repeats=3, epochs=3, pairs=200)
for verdict in results.claims:
    print(f"{verdict.claim.says}: {verdict.verdict} ({verdict.comparison.n} seeds)")
results.save("mine.md")  # or .json with every raw number, .csv, .tex
