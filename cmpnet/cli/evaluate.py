"""``cmpnet evaluate``: a saved net on test samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common


def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", show_default=False, help="What 'cmpnet train --save FILE' wrote."
        ),
    ],
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="N", show_default="its own", help="Which test samples: those of seed N."
        ),
    ] = None,
    option: common.Options = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Load a saved net and count its errors on test samples; nothing is trained.

    On those of its own seed it makes the very errors that its training
    ended with; -o takes other options of its task, such as pairs. What is
    in the file says 'cmpnet show FILE'.

    \b
    cmpnet evaluate ws.safetensors
    cmpnet evaluate ws.safetensors --seed 7 -o pairs=5000
    """
    from dataclasses import replace

    from cmpnet import checkpoint
    from cmpnet.output import report
    from cmpnet.output.tables import percent
    from cmpnet.registry import Registry

    saved = checkpoint.load(file)
    trained = saved.seed
    if seed is not None:
        saved = replace(saved, seed=common.seed_number(seed))
    given = common.given_options(option)
    registry = Registry(common.disabled_plugins(no_plugin))
    wrong = checkpoint.restore(saved, registry, given).wrong()
    count = int(wrong.sum())
    report.console().print(
        f"{saved.arm.label}, trained with seed {trained}: test error "
        f"{percent(count / len(wrong))} %, {count} of {len(wrong)} test samples of "
        f"seed {saved.seed}",
        soft_wrap=True,
    )
