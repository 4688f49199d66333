"""``make guide``: regenerate the tables of the author's guide from the records themselves.

    python -m tools.guide

Fields, their defaults and their descriptions come from the dataclasses and their docstrings, the
methods of protocols from theirs, and the public names from ``cmpnet.__all__``.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

import cmpnet
from cmpnet.options import FLAGS
from cmpnet.registry import GROUPS, RECORDS

GUIDE = Path(__file__).parent.parent / "docs" / "plugins.md"
MARKS = r"<!-- (?P<kind>fields|methods) (?P<name>\w+) -->\n.*?<!-- /(?P=kind) (?P=name) -->"


def regenerated(text: str) -> str:
    """The guide with every table as it is now."""

    def table(match: re.Match[str]) -> str:
        kind, name = match["kind"], match["name"]
        rows = {"fields": field_rows, "methods": method_rows}[kind](getattr(cmpnet, name))
        return f"<!-- {kind} {name} -->\n\n" + "\n".join(rows) + f"\n\n<!-- /{kind} {name} -->"

    text = re.sub(MARKS, table, text, flags=re.S)
    blocks = {
        "flags": wrapped(f"`{name.replace('_', '-')}`" for name in sorted(FLAGS)),
        "public": wrapped(f"`{name}`" for name in cmpnet.__all__),
        "groups": "\n".join(group_rows()),
    }
    for mark, block in blocks.items():
        pattern = rf"<!-- {mark} -->.*?<!-- /{mark} -->"
        new = f"<!-- {mark} -->\n\n{block}\n\n<!-- /{mark} -->"
        text = re.sub(pattern, lambda _, new=new: new, text, flags=re.S)
    return text


def wrapped(words: Any) -> str:
    """Words between commas, in lines of 100."""
    return textwrap.fill(", ".join(words), 100, break_on_hyphens=False, break_long_words=False)


def group_rows() -> list[str]:
    """The entry-point groups, and what each is for."""
    others = {
        "executor": "a class: [Executors](#executors)",
        "suite": "the package that `NAME.toml` is in",
    }
    rows = ["| group | its targets |", "|---|---|"]
    for noun, group in GROUPS.items():
        record = f"a `cmpnet.{RECORDS[noun].__name__}`" if noun in RECORDS else ""
        rows.append(f"| `{group}` | {others.get(noun, record)} |")
    return rows


def field_rows(kind: type) -> list[str]:
    """A table of the fields of a record, or of the attributes of a protocol."""
    described = attributes_of(kind)
    if not is_dataclass(kind):
        rows = [f"| `{name}` | {text} |" for name, text in described.items()]
        return ["| attribute | meaning |", "|---|---|", *rows]
    rows = [f"| `{f.name}` | {default_of(f)} | {described[f.name]} |" for f in fields(kind)]
    return ["| field | default | meaning |", "|---|---|---|", *rows]


def method_rows(kind: type) -> list[str]:
    """A table of the methods of a protocol."""
    rows = ["| method | meaning |", "|---|---|"]
    for name, function in vars(kind).items():
        if inspect.isfunction(function) and not name.startswith("_"):
            signature = inspect.signature(function)
            names = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
            call = signature.replace(parameters=names[1:], return_annotation=signature.empty)
            doc = " ".join(inspect.getdoc(function).split())
            rows.append(f"| `{name}{call}` | {as_markdown(doc)} |")
    return rows


def default_of(field: Field[Any]) -> str:
    """The default of a field; of a factory, what it makes."""
    if field.default is MISSING and field.default_factory is MISSING:
        return "required"
    value = field.default if field.default is not MISSING else field.default_factory()
    if is_dataclass(value):
        return f"`{type(value).__name__}()`"
    return f"`{value!r}`"


def attributes_of(kind: type) -> dict[str, str]:
    """What a docstring says of each attribute, as one line of Markdown."""
    _, _, text = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    text = textwrap.dedent(re.split(r"\n\S", text)[0])
    entries = re.split(r"^(\w+): ", text, flags=re.M)[1:]
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return {name: as_markdown(" ".join(body.split())) for name, body in pairs}


def as_markdown(text: str) -> str:
    """The text of a docstring.

    >>> as_markdown("``load(seed)`` returns the :class:`cmpnet.Data` of one")
    '`load(seed)` returns the `Data` of one'
    """
    text = re.sub(r":\w+:`(?:[\w.~]*\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`").replace("|", "\\|")


def main() -> None:
    """Write the guide."""
    GUIDE.write_text(regenerated(GUIDE.read_text()))


if __name__ == "__main__":
    main()
