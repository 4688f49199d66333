"""Train and save a network, then use it: weights and settings are in one safetensors file."""

import subprocess
import sys

import torch

from cmpnet import checkpoint
from cmpnet.registry import Registry


def main() -> None:
    train = [sys.executable, "-m", "cmpnet", "train", "ws", "--epochs", "3", "--pairs", "200"]
    subprocess.run([*train, "--quiet", "--no-plot", "--save", "ws.safetensors"], check=True)
    saved = checkpoint.load("ws.safetensors")  # runs no code, imports no plugin
    print(f"{saved.arm.label}, seed {saved.seed}: {len(saved.weights)} tensors")
    registry = Registry()
    net = checkpoint.restore(saved, registry).learner.net
    test = registry.task("digit-pairs").load(7, pairs=200).test  # pairs it has never seen
    with torch.no_grad():
        verdict = net.eval()(torch.from_numpy(test.x))["verdict"].argmax(1).numpy()
    print(f"right on {(verdict == test.targets['target']).sum()} of {len(test.x)} new pairs")


if __name__ == "__main__":
    main()
