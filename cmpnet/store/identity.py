"""What makes a stored repeat the same as one that is about to be trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cmpnet.spec import ArmKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that decides a repeat's numbers.

    Attributes:
        arm: names and option values; the label and the metric that decides do not matter.
        seed: seed of the repeat.
        data: fingerprint of its data.
        code: version of the code that trains it, by distribution.
    """

    arm: ArmKey
    seed: int
    data: str
    code: Mapping[str, str]

    def content(self) -> dict[str, Any]:
        """The identity as plain JSON values."""
        arm = {**self.arm.to_json(), "label": None}
        del arm["metric"]
        return {**arm, "seed": self.seed, "data": self.data, "code": dict(self.code)}

    @property
    def key(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()
