"""``cmpnet new``: a file or a distribution to begin with."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from cmpnet.cli import completion


def new(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            autocompletion=completion.new_kinds,
            help=(
                "architecture, loss, task, metric, learner, optimizer, schedule, augmentation, "
                "executor, suite or plugin."
            ),
        ),
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="The name that users type.")
    ],
) -> None:
    """Write a commented file to begin with, or a complete plugin with its tests.

    What is written works as it is and passes 'cmpnet check'. No file is overwritten.

    \b
    cmpnet new architecture my-net     a file, my_net.py
    cmpnet new suite my-bench          a file, my-bench.toml
    cmpnet new plugin my-plugin        a distribution, with tests
    """
    from cmpnet import scaffolding

    made = scaffolding.scaffold(kind, name)
    scaffolding.write(made)
    for path in made.files:
        print(path)
    if made.commands:
        print("\nNext:\n\n" + _indented("\n".join(made.commands)))
    if kind != "plugin":
        title = "To give it a name of its own, register it in the pyproject.toml of a distribution:"
        print(f"\n{title}\n\n{_indented(made.registration)}")


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
