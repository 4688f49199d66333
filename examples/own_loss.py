"""A loss of your own on a built-in network: its keyword-only parameters are its options.

In a package, the entry point smoothed = "my_package:SMOOTHED" in the group cmpnet.losses makes it
a name: cmpnet bench ws ws:smoothed 'ws:smoothed[smoothing=0.2]'
"""

from typing import Annotated

import torch

import cmpnet


def smoothed(output, batch, *, smoothing: Annotated[float, cmpnet.Bounds(0, 1)] = 0.1):
    return torch.nn.functional.cross_entropy(
        output["verdict"], batch["target"], label_smoothing=smoothing
    )


SMOOTHED = cmpnet.Loss(
    name="smoothed", summary="cross entropy with smoothed labels", fn=smoothed, needs=("verdict",)
)
# "ws:ce" names its loss; the loss of "ws" is the one of this call.
results = cmpnet.bench(
    ["ws:ce", "ws"], loss=SMOOTHED, sweep={"smoothing": [0.1, 0.2]}, repeats=3, epochs=5, pairs=300
)
for row in results.compare():
    print(f"{row.arm}: {100 * row.comparison.difference:+.2f} points against {row.reference}")
