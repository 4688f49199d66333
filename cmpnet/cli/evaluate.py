"""``cmpnet evaluate``: a saved network on test samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common, completion


def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="What 'cmpnet train --save FILE' wrote.",
            autocompletion=completion.files_of(".safetensors"),
        ),
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=2**32, show_default="its own", help="Use the test samples of this seed."
        ),
    ] = None,
    option: common.Assignments = None,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Load a saved network and measure it on test samples; nothing is trained.

    With its own seed it reproduces the errors of its training run. -o sets
    other options of its task, such as pairs. 'cmpnet show FILE' lists what
    the file contains.

    \b
    cmpnet evaluate ws.safetensors
    cmpnet evaluate ws.safetensors --seed 7 -o pairs=5000
    """
    from dataclasses import replace

    from cmpnet import checkpoint
    from cmpnet.output import terminal
    from cmpnet.output.tables import percent
    from cmpnet.registry import Registry
    from cmpnet.scales import scale_of
    from cmpnet.syntax import assignments

    saved = checkpoint.load(file)
    used = saved if seed is None else replace(saved, seed=seed)
    registry = Registry(common.disabled_plugins(no_plugin), plugin or ())
    restored = checkpoint.restore(used, registry, assignments(option or ()))
    judged, samples = restored.judged(), restored.arm.key.measured_on
    total, count = len(restored.data.test.x), judged.count
    of = f"{total} {samples} samples of seed {used.seed}"
    values = [
        f"{scale.heading} {scale.number(value)}"
        for name, value in judged.values.items()
        if value is not None
        for scale in [scale_of(restored.arm.metrics[name], [value])]
    ]
    first = (
        f"{samples} {values.pop(0)} on {of}"
        if count is None
        else (f"{samples} error {percent(judged.error)} %, {count} of {of}")
    )
    others = f" ({', '.join(values)})" if values else ""
    terminal.console().print(
        f"{saved.key.label}, trained with seed {saved.seed}: {first}{others}", soft_wrap=True
    )
