"""``cmpnet new``: a file or a distribution to begin with."""

from __future__ import annotations

from typing import Annotated

import typer


def new(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            help="architecture, loss, task, learner, executor, suite or plugin.",
        ),
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="The name that users type.")
    ],
) -> None:
    """Write a commented file to begin with, or a complete plugin with its tests.

    What is written works as it is, and passes 'cmpnet check' once it is
    registered. No file is overwritten.

    \b
    cmpnet new plugin my-net           a distribution: pip install -e my-net
    cmpnet new loss my-loss            a file, my_loss.py
    cmpnet new suite my-bench          cmpnet bench --suite my-bench.toml
    """
    from cmpnet import scaffolding

    made = scaffolding.scaffold(kind, name)
    scaffolding.write(made)
    for path in made.files:
        print(path)
    if kind == "plugin":
        print(f"\nInstall and check it:\n\n    pip install -e {name}\n    cmpnet check {name}")
    elif kind == "suite":
        print(f"\nRun it:\n\n    cmpnet bench --suite {name}.toml")
    else:
        lines = "".join(f"    {line}".rstrip() + "\n" for line in made.registration.splitlines())
        print(f"\nRegister it in the pyproject.toml of your distribution:\n\n{lines}", end="")
