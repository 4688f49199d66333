"""A loss of one's own on a built-in network: its keyword-only parameters are its options.

In a package of yours the entry point my-loss = "my_package:SMOOTHED" in the group cmpnet.losses
makes it a name: cmpnet bench ws ws:smoothed 'ws:smoothed[smoothing=0.2]'
"""

from typing import Annotated

import torch

from cmpnet import Bounds, Loss, train
from cmpnet.arms import Parts, make_arm
from cmpnet.registry import Registry


def smoothed(output, batch, *, smoothing: Annotated[float, Bounds(0, 1)] = 0.1):
    return torch.nn.functional.cross_entropy(
        output["verdict"], batch["target"], label_smoothing=smoothing
    )


SMOOTHED = Loss(
    name="smoothed", summary="cross entropy with smoothed labels", fn=smoothed, needs=("verdict",)
)


def main() -> None:
    registry = Registry()
    arm, _ = make_arm(registry, "ws", {"epochs": "5", "pairs": "300"})
    for loss in (registry.loss("ce"), SMOOTHED):
        parts = Parts(registry.architecture("ws"), loss, registry.task("digit-pairs"))
        (result,), _ = train.run(parts, arm, [100])
        print(f"{loss.name}: test error {100 * result.test_error:.1f} %")


if __name__ == "__main__":
    main()
