"""A network and a loss of your own, as plain PyTorch: one file, no registration.

cmpnet show mine.py:MyNet
cmpnet bench ws-aux mine.py:MyNet 'mine.py:MyNet[width=32]' --repeats 3
cmpnet bench ws ws:mine.py:smoothed --smoothing 0.2
"""

import torch
from torch import nn
from torch.nn import functional


class MyNet(nn.Module):
    """Reads each image with the same layers, then compares both."""

    def __init__(self, width=16, dropout=0.0):  # its parameters are options
        super().__init__()
        self.conv = nn.Conv2d(1, width, 3, padding=1)
        self.dropout = nn.Dropout(dropout)
        self.digit = nn.Linear(width * 49, 10)
        self.verdict = nn.Linear(20, 2)

    def read(self, image):
        features = functional.max_pool2d(functional.relu(self.conv(image)), 2)
        return self.digit(self.dropout(features.view(len(image), -1)))

    def forward(self, x):  # (B, 2, 14, 14)
        first, second = self.read(x[:, :1]), self.read(x[:, 1:])
        return self.verdict(torch.cat([first, second], dim=1)), first, second


def smoothed(output, batch, smoothing=0.1):
    """Cross entropy with smoothed labels."""
    return functional.cross_entropy(output["verdict"], batch["target"], label_smoothing=smoothing)
