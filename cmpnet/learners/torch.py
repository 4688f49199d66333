"""The torch learner: trains any ``nn.Module`` that returns a mapping from names to tensors."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.sgd import sgd

from cmpnet import errors
from cmpnet.spec import Arm, Data, Layer, Part, Split, TrainConfig

PREDICT_BATCH = 500  # samples per forward pass in evaluation: activations stay in the caches
WEIGHTS = 1  # stream of a repeat's seed for weights and dropout (0: data, 2: order)


def use_device(name: str) -> torch.device:
    """The torch device of a name, made deterministic.

    Raises:
        CmpnetError: torch does not know the name, or this machine has no such device.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise errors.no_device(name, str(error).splitlines()[0]) from None
    if device.type == "cuda":
        # cuBLAS sums in a fixed order only with a fixed workspace, set before its first call.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
    return device


Update = Callable[[float], None]  # one optimizer step at a learning rate


def make_update(parameters: list[nn.Parameter], config: TrainConfig) -> Update:
    """The optimizer that a configuration names."""
    match config.optimizer:
        case "sgd":
            return _sgd(parameters, 0.0)
        case "momentum":
            return _sgd(parameters, 0.9)
        case "adam":
            return _at_rate(torch.optim.Adam(parameters))
        case "adamw":
            return _at_rate(torch.optim.AdamW(parameters))


def _at_rate(optimizer: torch.optim.Optimizer) -> Update:
    def update(lr: float) -> None:
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.step()

    return update


def _sgd(parameters: list[nn.Parameter], momentum: float) -> Update:
    """The function of torch's SGD: its class imports torch._dynamo, 1.9 s in every worker."""
    buffers = [torch.zeros_like(p) if momentum else None for p in parameters]

    @torch.no_grad()
    def update(lr: float) -> None:
        used = [
            (parameter, parameter.grad, buffer)
            for parameter, buffer in zip(parameters, buffers, strict=True)
            if parameter.grad is not None
        ]
        sgd(
            [parameter for parameter, _, _ in used],
            [gradient for _, gradient, _ in used],
            [buffer for _, _, buffer in used],
            weight_decay=0,
            momentum=momentum,
            lr=lr,
            dampening=0,
            nesterov=False,
            maximize=False,
            fused=True,
        )

    return update


def _size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


class TorchLearner:
    """Trains one repeat (R = 1) of a torch network on one thread.

    With one thread a repeat gives the same bits whatever runs beside it. The cores are kept busy by
    training several repeats in separate processes, which do not slow each other down.
    """

    backend = "torch"
    side_by_side = False
    devices = ("cpu", "cuda")
    # channels_last: convolutions and pooling of small images are 1.2x faster on a CPU.
    memory_format = torch.channels_last

    def __init__(self, arm: Arm, datasets: Sequence[Data], seeds: Sequence[int]) -> None:
        torch.set_num_threads(1)
        (data,), (seed,) = datasets, seeds
        self.device = use_device(arm.config.device)
        state = np.random.SeedSequence([seed, WEIGHTS]).generate_state(1, np.uint64)
        torch.manual_seed(int(state[0]) >> 1)
        self.loss, self.options = arm.loss.fn, dict(arm.key.loss_options)
        self.scheduled = "progress" in inspect.signature(self.loss).parameters
        self.net: nn.Module = arm.build(data.info)
        kind = type(self.net)
        if not issubclass(kind, nn.Module):
            raise TypeError(
                f"build() returns an object of type {kind.__name__}, not a torch.nn.Module"
            )
        self.net = self.net.to(self.device, memory_format=self.memory_format)
        self.update = make_update(list(self.net.parameters()), arm.config)
        self.parts = {"train": self._place(data.train), "test": self._place(data.test)}
        self.parameters = _size(self.net)

    def _place(self, split: Split) -> tuple[Tensor, dict[str, Tensor]]:
        x = torch.from_numpy(np.ascontiguousarray(split.x)).to(self.device)
        targets = {k: torch.from_numpy(v).to(self.device) for k, v in split.targets.items()}
        return x, targets

    def step(self, rows: NDArray[np.int64], *, lr: float, progress: float) -> NDArray[np.float64]:
        """One optimizer step on the training samples ``rows`` (1, B); the loss before it (1,)."""
        x, targets = self.parts["train"]
        chosen = torch.from_numpy(rows[0]).to(self.device)
        batch = {name: values[chosen] for name, values in targets.items()}
        extra = {"progress": progress} if self.scheduled else {}
        self.net.train()
        loss = self.loss(self.net(x[chosen]), batch, **self.options, **extra)
        self.net.zero_grad()
        loss.backward()
        self.update(lr)
        return np.array([loss.item()])

    @torch.inference_mode()
    def predict(self, part: Part) -> Mapping[str, NDArray[Any]]:
        """Outputs for a whole part in evaluation mode, each (1, N, ...)."""
        self.net.eval()
        outputs = [self.net(chunk) for chunk in torch.split(self.parts[part][0], PREDICT_BATCH)]
        return {
            name: torch.cat([output[name] for output in outputs]).cpu().numpy()[None]
            for name in outputs[0]
        }

    def weights(self) -> list[dict[str, NDArray[Any]]]:
        """Parameters and buffers by name."""
        return [{name: t.detach().cpu().numpy() for name, t in self.net.state_dict().items()}]

    def load(self, weights: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Set the weights to what :meth:`weights` returned."""
        self.net.load_state_dict({n: torch.from_numpy(value) for n, value in weights[0].items()})

    @torch.inference_mode()
    def layers(self) -> list[Layer]:
        """The innermost modules that are called, in the order in which they first run.

        Parameters that none of them has, such as one of the network itself, follow by name. Each
        parameter is counted once, where it is first used.
        """
        names = {module: name for name, module in self.net.named_modules()}
        shapes: dict[nn.Module, tuple[int, ...]] = {}

        def note(module: nn.Module, _: Any, output: Any) -> None:
            while isinstance(output, tuple | list) and output:  # an LSTM, attention
                output = output[0]
            if isinstance(output, Tensor):
                shapes.setdefault(module, tuple(output.shape[1:]))

        hooks = [module.register_forward_hook(note) for module in names]
        self.net.eval()
        self.net(self.parts["test"][0][:2])
        for hook in hooks:
            hook.remove()
        counted: set[nn.Parameter] = set()

        def size(parameters: Iterable[nn.Parameter]) -> int:
            new = {p for p in parameters if p.requires_grad} - counted
            counted.update(new)
            return sum(p.numel() for p in new)

        layers = [
            Layer(names[module], type(module).__name__, shape, size(module.parameters()))
            for module, shape in shapes.items()
            if not any(inner in shapes for inner in module.modules() if inner is not module)
        ]
        for name, parameter in self.net.named_parameters():
            if parameter.requires_grad and parameter not in counted:
                layers.append(Layer(name, "Parameter", tuple(parameter.shape), size([parameter])))
        return layers


class PlainTorchLearner(TorchLearner):
    """Trains a network that was written for no particular order of memory.

    ``x.view(len(x), -1)`` after a convolution fails with channels_last.
    """

    memory_format = torch.contiguous_format
