"""Every error message of minidl: which object failed, what it got and what it accepts."""

from __future__ import annotations

from collections.abc import Iterable


class MinidlError(Exception):
    """A call was wrong. The message says what was passed and what is allowed."""


class ShapeError(MinidlError, ValueError):
    """An array has a shape that a layer or loss does not accept."""


class OrderError(MinidlError, RuntimeError):
    """Methods were called in an order that cannot work, such as backward before forward."""


def wrong_shape(
    label: str, what: str, actual: tuple[int, ...], expected: tuple[int, ...] | str
) -> ShapeError:
    """An array has the wrong shape."""
    return ShapeError(f"{label}: the {what} has shape {actual}; expected {expected}.")


def too_few_samples(label: str, actual: tuple[int, ...]) -> ShapeError:
    """The variance of a single sample is undefined."""
    return ShapeError(
        f"{label}: the input has shape {actual}; training needs at least two samples per batch."
    )


def no_forward(label: str) -> OrderError:
    """Each backward pass needs a forward pass of its own."""
    return OrderError(
        f"{label}: backward was called without a forward before it. Each backward needs its own "
        "forward, so use two objects to apply a layer twice."
    )


def used_twice(label: str, place: str) -> MinidlError:
    """A layer stores its last input, so it can only have one place."""
    return MinidlError(
        f"{label} is already {place} of a Sequential. A layer stores its last input, "
        "so create a separate object for each place."
    )


def drawn_inside(label: str) -> OrderError:
    """The number of repeats applies to the whole network."""
    return OrderError(f"{label} is part of a Sequential; call draw on the whole network.")


def mixed_layers(label: str, actual: str, expected: str) -> MinidlError:
    """The parameters of a network share one array: one dtype and one number of repeats."""
    return MinidlError(f"{label} has {actual}, but the layers before it have {expected}.")


def no_parameters(label: str) -> MinidlError:
    """An optimizer was created for a network without parameters."""
    return MinidlError(f"{label} has no parameters to train.")


def unknown_name(label: str, what: str, name: object, names: Iterable[str]) -> MinidlError:
    """A name is not one of those that exist."""
    return MinidlError(f"{label}: unknown {what} {name!r}; choose from {', '.join(names)}.")


def out_of_range(what: str, value: object, allowed: str) -> MinidlError:
    """A number is outside its range."""
    return MinidlError(f"{what} is {value!r}; it must be {allowed}.")


def wrong_file(path: object, reason: str) -> MinidlError:
    """A file of weights does not fit the network."""
    return MinidlError(f"'{path}' does not fit this network: {reason}.")
