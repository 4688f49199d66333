"""What minidl refuses, and how it says so: the layer, what was given, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable


class MinidlError(Exception):
    """The call was wrong: one sentence that says what was given and what is allowed."""


class ShapeError(MinidlError, ValueError):
    """An array does not have the shape that a layer or loss takes."""


class OrderError(MinidlError, RuntimeError):
    """Calls in an order that cannot work, such as backward before forward."""


def wrong_shape(
    label: str, what: str, given: tuple[int, ...], wanted: tuple[int, ...] | str
) -> ShapeError:
    """Both shapes, and whose they are."""
    return ShapeError(f"{label}: the {what} has shape {given}, it must have {wanted}.")


def no_forward(label: str) -> OrderError:
    """Every backward uses up the forward before it."""
    return OrderError(
        f"{label}: backward without a forward before it; each backward uses up one forward, "
        "so a layer used twice needs two objects."
    )


def used_twice(label: str, place: str) -> MinidlError:
    """A layer remembers its last input, so one object cannot be in two places."""
    return MinidlError(
        f"{label} is already {place} of a Sequential; a layer remembers its last input, "
        "so make another object for each place."
    )


def drawn_inside(label: str) -> OrderError:
    """The number of repeats is that of a whole network."""
    return OrderError(f"{label} is inside a Sequential; draw the weights of the whole network.")


def not_alike(label: str, found: object, others: object) -> MinidlError:
    """The parameters of a network lie in one array: one type, one number of repeats."""
    return MinidlError(f"{label} has {found}, the layers before it have {others}.")


def no_parameters(label: str) -> MinidlError:
    """There is nothing to train."""
    return MinidlError(f"{label} has no parameters to train.")


def unknown(what: str, name: object, known: Iterable[str]) -> MinidlError:
    """A name, and those there are."""
    return MinidlError(f"There is no {what} {name!r}; known: {', '.join(known)}.")


def out_of_range(what: str, value: object, allowed: str) -> MinidlError:
    """A number that cannot be meant."""
    return MinidlError(f"{what} is {value!r}; it must be {allowed}.")


def wrong_file(path: object, reason: str) -> MinidlError:
    """A file of weights does not fit the network."""
    return MinidlError(f"'{path}' does not fit this network: {reason}.")
