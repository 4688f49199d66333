"""What goes wrong on the way to a result, and during training."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from pathlib import Path

from cmpnet.errors.kinds import (
    CmpnetError,
    MissingPackageError,
    PluginError,
    UnknownNameError,
    UnwritableError,
    UsageError,
)
from cmpnet.errors.wording import listed, nearest


def no_device(device: str, reason: str) -> CmpnetError:
    return UsageError(f"Device '{device}' cannot be used: {reason}; use --device cpu.")


def no_cpu_time(arm: str, device: str) -> CmpnetError:
    return UsageError(
        f"--time measures CPU time, and '{arm}' computes on '{device}'; leave out --time, or use "
        "--device cpu."
    )


def untimed(arm: str, cause: str) -> CmpnetError:
    return CmpnetError(f"'{arm}' was not timed: {cause.partition(chr(10))[0].rstrip('.')}.")


def bad_output(
    name: str, architecture: str, shape: tuple[int, ...] | None, promised: tuple[int, ...]
) -> CmpnetError:
    """``shape`` is that of the output, or None if it is missing."""
    is_wrong = "is missing" if shape is None else f"has shape {shape}"
    return PluginError(
        f"The output '{name}' of architecture '{architecture}' {is_wrong}; its record promises "
        f"{promised}."
    )


def bad_mapping(architecture: str, returned: str, promised: Iterable[str]) -> CmpnetError:
    """``returned`` is what the network returned instead, in words."""
    return PluginError(
        f"Architecture '{architecture}' returned {returned}; its network must return a mapping "
        f"from names to tensors, with {listed(promised)}."
    )


def nothing_to_train(architecture: str) -> CmpnetError:
    return PluginError(
        f"Architecture '{architecture}' has no trainable parameters, so there is nothing to train; "
        "register its layers in __init__, and leave requires_grad on."
    )


def bad_loss(name: str, returned: str) -> CmpnetError:
    return PluginError(
        f"Loss '{name}' returned {returned}; it must return one number for the batch, as a tensor "
        "that depends on the output, such as values.mean()."
    )


def bad_factor(name: str, progress: float, factor: object) -> CmpnetError:
    return PluginError(
        f"Schedule '{name}' returned {reprlib.repr(factor)} for progress {progress:g}; it must "
        "return a finite number of at least 0."
    )


def bad_augmentation(name: str, returned: tuple[int, ...], given: tuple[int, ...]) -> CmpnetError:
    return PluginError(
        f"Augmentation '{name}' returned samples of shape {returned} for {given}; it must keep the "
        "shape."
    )


def bad_verdicts(task: str, returned: str, samples: int) -> CmpnetError:
    return PluginError(
        f"wrong() of task '{task}' returned {returned} for {samples} samples; it must return "
        f"bool ({samples},)."
    )


def unseen(metric: str, name: str, known: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"Metric '{metric}' asks for '{name}', which the task does not give."
        f"{nearest(name, known)} It gives {listed(known)}; choose another --metric."
    )


def not_measured(label: str, metric: str, known: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"'{label}' was not measured with the metric '{metric}'.{nearest(metric, known)} It has "
        f"{listed(known)}; give --metric to 'cmpnet bench' to measure with another."
    )


def not_ranked(label: str, metric: str) -> CmpnetError:
    return UsageError(
        f"'{label}' is left out: it was not measured with '{metric}'. Rank it by another metric "
        "with --metric, or train it again."
    )


def bad_metric_value(metric: str, value: object) -> CmpnetError:
    return PluginError(
        f"Metric '{metric}' returned {reprlib.repr(value)}; it must return one number."
    )


def beyond_limits(metric: str, value: float, low: float, high: float) -> CmpnetError:
    return PluginError(
        f"Metric '{metric}' returned {value:g}; its limits are {low:g} and {high:g}. Correct its "
        "function or its limits."
    )


def trains_here(executor: str) -> CmpnetError:
    return UsageError(
        f"'cmpnet train' trains in its own process, not with the executor '{executor}'; use "
        f"'cmpnet bench ARM --repeats 1 --executor {executor}'."
    )


def missing_package(what: str, package: str, alternative: str) -> CmpnetError:
    return MissingPackageError(
        f"{what} needs {package}; install it with pip install {package}, or use {alternative}."
    )


def no_matplotlib() -> CmpnetError:
    return MissingPackageError(
        "A picture file needs matplotlib; install it with pip install 'cmpnet[figures]', or leave "
        "out --save to see the picture in the terminal."
    )


def bad_executor(fault: str, repeats: str) -> CmpnetError:
    return PluginError(
        f"The executor {fault}: {repeats}. Finished repeats are in the store; use another "
        "--executor, and rerun the same command to resume."
    )


def too_large_kit(largest: str, size: int, allowed: int) -> CmpnetError:
    return UsageError(
        f"The files that other machines need have {size / 2**20:.0f} MB, '{Path(largest).name}' "
        f"most of all; at most {allowed / 2**20:.0f} MB are sent. Use the executor local."
    )


def stopped(by: str) -> CmpnetError:
    return CmpnetError(
        f"Stopped by {by}. Finished repeats are in the store; rerun the same command to resume."
    )


def cut_off(error: OSError) -> CmpnetError:
    return UnwritableError(
        f"Cannot write the output: {error.strerror}. Finished repeats are in the store."
    )
