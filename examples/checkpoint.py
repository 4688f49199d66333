"""Train and save a network, then use it: weights and settings are in one safetensors file."""

import json
import subprocess
import sys

import torch
from safetensors import safe_open

from cmpnet.registry import Registry


def main() -> None:
    train = [sys.executable, "-m", "cmpnet", "train", "ws", "--epochs", "3", "--pairs", "200"]
    subprocess.run([*train, "--quiet", "--no-plot", "--save", "ws.safetensors"], check=True)
    with safe_open("ws.safetensors", "pt") as file:
        arm = json.loads(file.metadata()["cmpnet"])["arm"]
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    registry = Registry()
    net = registry.architecture("ws").build(**arm["architecture_options"])
    net.load_state_dict(weights)
    net.eval()
    test = registry.task("digit-pairs").load(7, pairs=200).test  # pairs it has never seen
    with torch.no_grad():
        verdict = net(torch.from_numpy(test.x))["verdict"].argmax(1).numpy()
    print(f"right on {(verdict == test.targets['target']).sum()} of {len(test.x)} new pairs")


if __name__ == "__main__":
    main()
