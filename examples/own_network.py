"""A network of one's own beside a built-in one, without a plugin package: same loop, same data."""

import torch

from cmpnet import Architecture, TrainConfig, train
from cmpnet.arms import Parts, make_arm
from cmpnet.registry import Registry


class TwoLayers(torch.nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(392, hidden), torch.nn.Tanh(),
            torch.nn.Linear(hidden, 2),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"verdict": self.body(x)}


def main() -> None:
    registry = Registry()
    arm, _ = make_arm(registry, "baseline", {"epochs": "5", "pairs": "300"})
    mine = Architecture(
        name="two-layers", summary="one hidden layer", build=TwoLayers,
        gives={"verdict": "(B, 2)"}, task="digit-pairs", loss="ce", recipe=TrainConfig(),
    )  # fmt: skip
    for architecture in (registry.architecture("baseline"), mine):
        parts = Parts(architecture, registry.loss("ce"), registry.task("digit-pairs"))
        (result,), _ = train.run(parts, arm, [100])
        print(f"{architecture.name}: test error {100 * result.test_error:.1f} %")


if __name__ == "__main__":
    main()
