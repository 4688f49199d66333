"""minidl: a deep-learning framework written from scratch in numpy, without autograd.

Every layer has a ``forward`` and a hand-written ``backward``. Both accept (..., B, features), so R
repeats of one network can train side by side as a single network with weights (R, in, out).
"""

from minidl.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from minidl.check import gradient_error
from minidl.errors import MinidlError, OrderError, ShapeError
from minidl.files import load, save
from minidl.linear import INITIALISATIONS, Linear
from minidl.losses import Loss, LossBCE, LossCrossEntropy, LossMSE
from minidl.module import Layer, Module, Parameter
from minidl.optim import SGD, Adam, Optimizer, cosine, onecycle
from minidl.regularise import BatchNorm1d, Dropout
from minidl.sequential import Sequential

__all__ = [
    "INITIALISATIONS",
    "SGD",
    "Adam",
    "BatchNorm1d",
    "Dropout",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Loss",
    "LossBCE",
    "LossCrossEntropy",
    "LossMSE",
    "MinidlError",
    "Module",
    "Optimizer",
    "OrderError",
    "Parameter",
    "ReLU",
    "Sequential",
    "ShapeError",
    "Sigmoid",
    "Tanh",
    "cosine",
    "gradient_error",
    "load",
    "onecycle",
    "save",
]
