"""Sweeps: an arm for each value of an option, or for each combination of several."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from cmpnet import errors
from cmpnet.arms import assignments, make_arm
from cmpnet.errors import compare_errors
from cmpnet.registry import Registry


def read(texts: Iterable[str], given: Mapping[str, str]) -> dict[str, list[str]]:
    """``["alpha=0,0.5"]`` as ``{"alpha": ["0", "0.5"]}``.

    Raises:
        CmpnetError: a text is not ``NAME=VALUE,...``, or its option is given elsewhere too.
    """
    sweeps: dict[str, list[str]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        key = name.strip().replace("-", "_")
        found = [value.strip() for value in values.split(",")]
        if not (key and all(found)):
            raise compare_errors.bad_sweep(text)
        if key in sweeps or key in given:
            raise errors.repeated_option(key)
        sweeps[key] = found
    return sweeps


def arms(
    registry: Registry,
    groups: Iterable[Iterable[str]],
    sweeps: Mapping[str, Sequence[str]],
    *,
    loss: str | None = None,
) -> list[list[str]]:
    """Groups of arms with every combination of the values in brackets, as one would type them.

    An arm takes part in the sweeps of those options that it has and does not set itself.

    Raises:
        CmpnetError: no arm takes part in a sweep, or an arm cannot be made.
    """
    made: list[list[str]] = []
    every: list[str] = []
    unused = set(sweeps)
    for group in groups:
        made.append([])
        for text in group:
            every.append(text)
            names, _, rest = text.strip().partition("[")
            options = [option for option in rest.removesuffix("]").split(",") if option.strip()]
            known = make_arm(registry, text, {n: v[0] for n, v in sweeps.items()}, loss=loss)[1]
            own = [name for name in sweeps if name in known - set(assignments(options))]
            unused -= set(own)
            for values in itertools.product(*(sweeps[name] for name in own)):
                added = [f"{name}={value}" for name, value in zip(own, values, strict=True)]
                made[-1].append(f"{names}[{','.join(options + added)}]" if added else text)
    for name in sorted(unused):
        raise errors.unused_option(name.replace("_", "-"), every)
    return made
