"""Plain torch classes and functions as records: options from signatures, outputs by trying them.

A network is whatever makes an ``nn.Module``: the class itself, or a function that returns one. What
it returns is found by one forward pass of a small batch of its task, under the options of the call.
A loss is a function of an output and a batch; what it needs is found by calling it.
"""

from __future__ import annotations

import contextlib
import inspect
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

from cmpnet import errors
from cmpnet.options import LOSS_INPUTS, Option, inputs_asked, options_of, parse_options
from cmpnet.own_files import reason_of
from cmpnet.plain_recipe import recipe_noun
from cmpnet.signatures import WithOptions, options_in
from cmpnet.spec import Architecture, Loss, Options, Output, Shape, Task, TrainConfig

LEARNER = "cmpnet.learners.torch:PlainTorchLearner"
BATCH = 3  # samples to try a network on; a size that no layer is likely to have


def is_network(value: object) -> bool:
    """Whether a value is an ``nn.Module`` class, or a function that can be called without one."""
    if isinstance(value, FunctionType):
        return not is_loss(value) and not recipe_noun(value)
    return isinstance(value, type) and _is_module(value)


def is_loss(value: object) -> bool:
    """Whether a value is a function of at least two things, as losses are."""
    if not isinstance(value, FunctionType) or recipe_noun(value):
        return False
    parameters = list(inspect.signature(value).parameters.values())[:2]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [
        p for p in parameters if p.kind in positional and p.default is inspect.Parameter.empty
    ]
    return len(required) == 2


def _is_module(kind: type) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(kind, torch.nn.Module)


# -- networks -------------------------------------------------------------------------------------


class Build(WithOptions):
    """The ``build`` of a plain network: makes it, with a hook that names what it returns."""

    def __init__(
        self,
        make: Callable[..., Any],
        options: Sequence[inspect.Parameter],
        name_outputs: Callable[[Any], Output] | None,
    ) -> None:
        super().__init__(make, options)
        self.name_outputs = name_outputs

    def __call__(self, **options: Any) -> Any:
        """The network.

        Raises:
            TypeError: the function returns none.
        """
        net = self.function(**options)
        if not _is_module(type(net)):
            raise TypeError(f"it returned {_described(net)}, not a torch.nn.Module")
        net.register_forward_hook(partial(_named, self.name_outputs))
        return net


def _named(
    name_outputs: Callable[[Any], Output] | None, module: Any, inputs: Any, output: Any
) -> Any:
    """A forward hook: the output by name, as the task names it."""
    if isinstance(output, Mapping):
        return output
    if name_outputs is None:
        raise ValueError("a mapping from names to tensors")
    return name_outputs(output)


def architecture(
    make: Callable[..., Any],
    name: str,
    path: Path,
    task: Task,
    find_loss: Callable[[str], Loss],
    given: Options,
) -> Architecture:
    """The record of a plain network.

    The attributes ``task``, ``loss`` and ``recipe`` of a class are those of its record. By default
    its loss is the first of ``task.losses`` that needs only what the network returns.

    Args:
        make: the class, or a function that returns a network.
        name: what it is called in the file.
        path: the file.
        task: what it learns.
        find_loss: finds losses by name.
        given: options of the call, which it is tried with.

    Raises:
        CmpnetError: a parameter has neither a default nor a value, making the network or calling it
            raises an exception, or it returns something that has no meaning for the task.
    """
    shown = f"{path.name}:{name}"
    build = Build(make, list(options_in(make, shown)), task.name_outputs)
    chosen = _chosen(options_of(build), "architecture", given, shown)
    outputs = _try(build, chosen, shown, path, task, given)
    loss, recipe = attribute(make, "loss", str), attribute(make, "recipe", TrainConfig)
    if loss is None:
        fitting = (one for one in map(find_loss, task.losses) if {*one.needs} <= outputs.keys())
        loss = next((one.name for one in fitting), None)
    if loss is None:
        raise errors.no_default_loss(shown, outputs, task.name)
    doc = inspect.cleandoc(make.__doc__ or "").partition("\n")[0]
    return Architecture(
        name=name,
        summary=doc or f"the network {name} of {path.name}",
        build=build,
        outputs=outputs,
        task=task.name,
        loss=loss,
        recipe=recipe or TrainConfig(),
        learner=LEARNER,
    )


def attribute(make: object, name: str, kind: type) -> Any:
    """A class's own setting of a record's field; None where it is something else or missing."""
    value = getattr(make, name, None)
    return value if isinstance(value, kind) else None


def _chosen(options: Mapping[str, Option], part: str, given: Options, name: str) -> dict[str, Any]:
    """The values of a part's options, those of the call among them.

    Raises:
        CmpnetError: an option has neither a default nor a value, or a value is not allowed.
    """
    own = {n: given[key] for n in options for key in (n, f"{part}.{n}") if key in given}
    missing = [
        option.flag
        for option in options.values()
        if option.default is inspect.Parameter.empty and option.name not in own
    ]
    if missing:
        raise errors.no_value(missing, name)
    return parse_options(options, own)


def _try(
    build: Build, options: dict[str, Any], name: str, path: Path, task: Task, given: Options
) -> dict[str, Shape]:
    """Shapes of what the network returns for one sample, by name."""
    import numpy as np
    import torch

    data = task.load(0, **_chosen(options_of(task.load), "task", given, task.name))
    if "data" in inspect.signature(build).parameters and "data" not in options:
        options = {**options, "data": data.info}
    x = torch.from_numpy(np.ascontiguousarray(data.train.x[:BATCH]))
    size, returned = f"({', '.join(['B', *map(str, x.shape[1:])])})", []
    with _generators_kept(), torch.inference_mode():
        try:
            net = build(**options)
        except Exception as error:
            raise errors.cannot_make(name, reason_of(error, path)) from error
        net.eval()
        # Hooks run in the order of their registration: this one sees the output before it is named.
        last = next(reversed(net._forward_hooks))
        hook = net.register_forward_hook(lambda *seen: returned.append(seen[2]))
        net._forward_hooks.move_to_end(last)
        try:
            output = net(x)
        except Exception as error:
            if returned:
                shown = _described(returned[0])
                raise errors.wrong_output(name, shown, str(error)) from error
            raise errors.cannot_run(name, size, task.name, reason_of(error, path)) from error
        finally:
            hook.remove()
    if any(_size(value) != BATCH for value in output.values()):
        raise errors.wrong_output(name, _described(returned[0]), "a row for each sample")
    return {str(key): tuple(value.shape[1:]) for key, value in output.items()}


def _size(value: Any) -> int | None:
    """Length of a tensor; None of anything else."""
    shape: Sequence[int] = getattr(value, "shape", ())
    return shape[0] if len(shape) else None


def _described(value: object) -> str:
    """Shapes of what a network returned: "a tuple of (B, 2) and (B, 10)"."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        sizes = ["B" if n == 0 and size == BATCH else str(size) for n, size in enumerate(shape)]
        kind = "a numpy array " if type(value).__module__ == "numpy" else ""
        return f"{kind}({', '.join(sizes)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_described(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of " + " and ".join(map(_described, value))
    return errors.a_kind(value)


@contextlib.contextmanager
def _generators_kept() -> Iterator[None]:
    """Python's, numpy's and torch's generators continue afterwards as if nothing was drawn."""
    import numpy as np
    import torch

    get_state, set_state = np.random.get_state, np.random.set_state
    python, numpy = random.getstate(), get_state()
    with torch.random.fork_rng(devices=[]):
        yield
    random.setstate(python)
    set_state(numpy)


# -- losses ---------------------------------------------------------------------------------------


class _Read(dict[str, Any]):
    """Tensors by name, and which of them were read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.names: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.names.append(name)
        return super().__getitem__(name)


def loss(fn: Callable[..., Any], name: str, path: Path, task: Task, given: Options) -> Loss:
    """The record of a plain function of an output and a batch.

    It is called with every output that the task knows. A name beyond these is needed, too.

    Raises:
        CmpnetError: an option has neither a default nor a value, or calling it raises an exception.
    """
    import numpy as np
    import torch

    shown = f"{path.name}:{name}"
    options = list(options_in(fn, shown, skip=2, inputs=LOSS_INPUTS))
    data = task.load(0).train
    output = _Read({n: torch.zeros(BATCH, *shape) for n, shape in task.outputs.items()})
    targets = {n: torch.from_numpy(t[:BATCH]) for n, t in data.targets.items()}
    x = torch.from_numpy(np.ascontiguousarray(data.x[:BATCH]))

    class AnyNet(torch.nn.Linear):  # has parameters, and returns the output for any samples
        def forward(self, samples: Any) -> Any:
            return output

    inputs = {"progress": 0.0, "x": x, "net": AnyNet(1, 1), "ids": torch.arange(BATCH)}
    asked = sorted(inputs_asked(fn, LOSS_INPUTS))
    options += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in asked]
    function = WithOptions(fn, options, "output", "batch")
    extra = _chosen(options_of(function, LOSS_INPUTS), "loss", given, shown)
    with _generators_kept():
        try:
            fn(output, targets, **extra, **{name: inputs[name] for name in asked})
        except KeyError as error:
            if error.args[0] not in output.names:
                raise errors.cannot_try_loss(shown, reason_of(error, path)) from error
        except Exception as error:
            raise errors.cannot_try_loss(shown, reason_of(error, path)) from error
    doc = inspect.cleandoc(fn.__doc__ or "").partition("\n")[0]
    needs = tuple(dict.fromkeys(output.names))
    return Loss(
        name=name, summary=doc or f"the loss {name} of {path.name}", fn=function, needs=needs
    )
