"""``make results``: puts what a command prints between two marks of the README.

cmpnet bench --repeats 10 --quiet | python -m tests.readme table3
"""

from __future__ import annotations

import re
import sys

from tests.helpers import ROOT

README = ROOT / "README.md"


def filled(text: str, mark: str, printed: str) -> str:
    """The text with ``printed`` as a code block between the marks."""
    lines = "\n".join(f"    {line}".rstrip() for line in printed.strip("\n").splitlines())
    block = f"<!-- {mark} -->\n\n{lines}\n\n<!-- /{mark} -->"
    new, count = re.subn(rf"<!-- {mark} -->.*<!-- /{mark} -->", lambda _: block, text, flags=re.S)
    assert count == 1, f"the README has {count} places for {mark}"
    return new


if __name__ == "__main__":
    README.write_text(filled(README.read_text(), sys.argv[1], sys.stdin.read()))
