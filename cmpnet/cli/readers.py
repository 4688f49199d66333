"""Options that several commands share, read once: a command asks for what a reader makes of them.

Typer reads a command's options off its signature, so that shared ones would have to stand in every
command. :func:`reads` puts a reader's parameters into the signature instead, in the place of the
one parameter that takes what the reader returns.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cmpnet.cli.common import Options, given_options

Command = Callable[..., None]
_TRAINING, _DATA = "Training", "Data"


def reads(**readers: Callable[..., Any]) -> Callable[[Command], Command]:
    """A command whose parameters of these names are what the readers make of their own options."""

    def shared(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True)
        options = {n: inspect.signature(r, eval_str=True).parameters for n, r in readers.items()}

        @functools.wraps(command)
        def called(**values: Any) -> None:
            for name, reader in readers.items():
                values[name] = reader(**{option: values.pop(option) for option in options[name]})
            command(**values)

        merged = [
            option.replace(kind=option.KEYWORD_ONLY)
            for name, parameter in own.parameters.items()
            for option in (options[name].values() if name in options else [parameter])
        ]
        called.__signature__ = own.replace(parameters=merged)  # type: ignore[attr-defined]
        return called

    return shared


class Sweeping(TyperCommand):
    """A command with ``-L NAME VALUES``.

    Typer has no option that takes two words and may be repeated; it gets NAME=VALUES.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        words, joined = iter(args), []
        for word in words:
            joined.append(word)
            if word == "-L" and (name := next(words, None)) is not None:
                values = None if "=" in name else next(words, None)
                joined.append(name if values is None else f"{name}={values}")
        return super().parse_args(ctx, joined)


def training(
    option: Options = None,
    alpha: Annotated[
        str | None, typer.Option(metavar="0..1", help="Weight of the digit losses (-o alpha=).")
    ] = None,
    epochs: Annotated[
        str | None,
        typer.Option(metavar="N", help="Passes over the training data.", rich_help_panel=_TRAINING),
    ] = None,
    batch_size: Annotated[
        str | None, typer.Option(metavar="N", help="Samples a step.", rich_help_panel=_TRAINING)
    ] = None,
    lr: Annotated[
        str | None, typer.Option(metavar="X", help="Learning rate.", rich_help_panel=_TRAINING)
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="sgd, momentum, adam, adamw.", rich_help_panel=_TRAINING),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="constant, cosine, onecycle.", rich_help_panel=_TRAINING),
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="cpu or cuda.", rich_help_panel=_TRAINING)
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option(
            metavar="N", help="Train pairs, and as many test pairs.", rich_help_panel=_DATA
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Train points, and as many test points (task disk).",
            rich_help_panel=_DATA,
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Folder of IDX files instead of the packaged MNIST.",
            rich_help_panel=_DATA,
        ),
    ] = None,
) -> dict[str, str]:
    """Options of networks, losses, data and training by name, as far as they were given."""
    return given_options(
        option,
        alpha=alpha,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        device=device,
        pairs=pairs,
        points=points,
        data_dir=data_dir,
    )
