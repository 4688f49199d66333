"""A network of your own beside a built-in one: same training loop, same data, paired by seed.

In a package, the entry point two-layers = "my_package:TWO_LAYERS" in the group
cmpnet.architectures makes it a name: cmpnet bench baseline two-layers
"""

import torch

import cmpnet


class TwoLayers(torch.nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(392, hidden), torch.nn.Tanh(),
            torch.nn.Linear(hidden, 2),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"verdict": self.body(x)}


def build(*, hidden: int = 64) -> TwoLayers:  # its keyword-only parameters are its options
    return TwoLayers(hidden)


TWO_LAYERS = cmpnet.Architecture(
    name="two-layers", summary="one hidden layer", build=build,
    outputs={"verdict": (2,)}, task="digit-pairs", loss="ce",
)  # fmt: skip
results = cmpnet.bench(["baseline", TWO_LAYERS], repeats=3, epochs=5, pairs=300)
print(results)
for arm in results.arms:
    print(f"{arm.label}: {100 * results.summary()[arm.label].mean:.1f} %")
