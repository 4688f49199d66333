"""Train and save a network, then use it: weights and settings are in one safetensors file."""

import cmpnet
from cmpnet import checkpoint

cmpnet.train("ws", epochs=3, pairs=200, save="ws.safetensors")

saved = checkpoint.load("ws.safetensors")  # runs no code, imports no plugin
print(f"{saved.key.label}, seed {saved.seed}: {len(saved.weights)} arrays")

net = checkpoint.restore(saved)  # the network, and the data that it was trained and tested on
print(f"{net.wrong().sum()} of its {len(net.wrong())} test pairs are wrong")

scores = net.learner.predict("test")["verdict"][0]  # (200, 2): one row per test pair
print(f"scores of the first pair: {scores[0].round(2)}")
