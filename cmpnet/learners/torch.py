"""The torch learner: trains any ``nn.Module`` that returns a mapping from names to tensors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cmpnet import errors
from cmpnet.options import AUGMENTATION_INPUTS, LOSS_INPUTS, inputs_asked
from cmpnet.spec import Arm, Data, Layer, Part, Split

PREDICT_BATCH = 500  # samples per forward pass in evaluation: activations stay in the caches
WEIGHTS = 1  # stream of a repeat's seed for weights and dropout (0: data, 2: order)
AUGMENTATION = 3  # and for the augmentation: with and without it, weights and order are the same


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


def _size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def at_rate(optimizer: torch.optim.Optimizer) -> Callable[[float], None]:
    """A function that makes one step at a learning rate."""

    def update(lr: float) -> None:
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.step()

    return update


def _seed_of(seed: int, stream: int) -> int:
    state = np.random.SeedSequence([seed, stream]).generate_state(1, np.uint64)
    return int(state[0]) >> 1


class _Augment:
    """Changes the samples of a step as an arm's augmentation does."""

    def __init__(self, arm: Arm, seed: int, device: torch.device) -> None:
        self.name, self.fn = arm.augmentation.name, arm.augmentation.fn
        self.options = dict(arm.config.augmentation_options)
        self.separate = arm.task.separate_channels
        self.with_targets = bool(inputs_asked(self.fn, AUGMENTATION_INPUTS))
        self.generator = torch.Generator(device=device)
        self.generator.manual_seed(_seed_of(seed, AUGMENTATION))

    @torch.no_grad()
    def __call__(self, x: Tensor, targets: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Samples (B, ...) and targets by name, with the shapes and types of those given."""
        samples, changed = x, x
        if self.with_targets:
            changed, targets = self.fn(x, self.generator, targets=targets, **self.options)
        else:
            samples = x.flatten(0, 1)[:, None] if self.separate else x
            changed = self.fn(samples, self.generator, **self.options)
        if changed.shape != samples.shape:
            raise errors.bad_augmentation(self.name, tuple(changed.shape), tuple(samples.shape))
        return changed.reshape(x.shape), targets


class TorchLearner:
    """Trains one repeat (R = 1) of a torch network on one thread.

    With one thread a repeat gives the same bits whatever runs beside it. The cores are kept busy by
    training several repeats in separate processes, which do not slow each other down.
    """

    backend = "torch"
    side_by_side = False
    devices = ("cpu", "cuda")
    gives = LOSS_INPUTS
    # channels_last: convolutions and pooling of small images are 1.2x faster on a CPU.
    memory_format = torch.channels_last

    def __init__(self, arm: Arm, datasets: Sequence[Data], seeds: Sequence[int]) -> None:
        torch.set_num_threads(1)
        (data,), (seed,) = datasets, seeds
        self.device = use_device(arm.config.device)
        torch.manual_seed(_seed_of(seed, WEIGHTS))
        self.architecture, self.promised = arm.architecture.name, arm.outputs(data.info)
        self.loss_name, self.needs = arm.loss.name, arm.loss.needs
        self.loss, self.options = arm.loss.fn, dict(arm.key.loss_options)
        self.asked = inputs_asked(self.loss, LOSS_INPUTS)
        self.augment = _Augment(arm, seed, self.device)
        self.net: nn.Module = arm.build(data.info)
        kind = type(self.net)
        if not issubclass(kind, nn.Module):
            raise TypeError(
                f"build() returns an object of type {kind.__name__}, not a torch.nn.Module"
            )
        self.net = self.net.to(self.device, memory_format=self.memory_format)
        self.parameters = _size(self.net)
        if not self.parameters:
            raise errors.nothing_to_train(self.architecture)
        parameters = list(self.net.parameters())
        made = arm.optimizer.make(parameters, **arm.config.optimizer_options)
        self.update = at_rate(made) if isinstance(made, torch.optim.Optimizer) else made
        self.parts = {"train": self._place(data.train), "test": self._place(data.test)}

    def _place(self, split: Split) -> tuple[Tensor, dict[str, Tensor]]:
        x = torch.from_numpy(np.ascontiguousarray(split.x)).to(self.device)
        targets = {k: torch.from_numpy(v).to(self.device) for k, v in split.targets.items()}
        return x, targets

    def step(self, rows: NDArray[np.int64], *, lr: float, progress: float) -> NDArray[np.float64]:
        """One optimizer step on the training samples ``rows`` (1, B); the loss before it (1,)."""
        x, targets = self.parts["train"]
        chosen = torch.from_numpy(rows[0]).to(self.device)
        batch = {name: values[chosen] for name, values in targets.items()}
        x, batch = self.augment(x[chosen], batch)
        inputs = {"progress": progress, "x": x, "net": self.net, "ids": chosen}
        asked = {name: inputs[name] for name in self.asked}
        self.net.train()
        output = self.net(x)
        self._check_needed(output, len(x))
        loss = self.loss(output, batch, **self.options, **asked)
        self._check_loss(loss)
        self.net.zero_grad()
        loss.backward()
        self.update(lr)
        return np.array([loss.item()])

    def _check_needed(self, output: Any, samples: int) -> None:
        """Check that an output has what the loss reads, before the loss fails without it."""
        if not isinstance(output, Mapping):
            is_tensor = isinstance(output, Tensor)
            returned = f"a tensor {tuple(output.shape)}" if is_tensor else errors.a_kind(output)
            raise errors.bad_mapping(self.architecture, returned, self.promised)
        for name in self.needs:
            if name not in output:
                shape = samples, *self.promised[name]
                raise errors.bad_output(name, self.architecture, None, shape)

    def _check_loss(self, loss: Any) -> None:
        returned = ""
        if not isinstance(loss, Tensor):
            returned = errors.a_kind(loss)
        elif loss.numel() != 1:
            returned = f"a tensor {tuple(loss.shape)}"
        elif not loss.requires_grad:
            returned = "a tensor that does not depend on the weights"
        if returned:
            raise errors.bad_loss(self.loss_name, returned)

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
