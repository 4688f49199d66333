"""Checkpoints: safetensors with the arm and the seed inside; loading one runs no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from safetensors.numpy import save

from cmpnet.spec import Arm


def to_bytes(weights: Mapping[str, Any], arm: Arm, seed: int) -> bytes:
    """The weights of one repeat as a safetensors file; its metadata key "cmpnet" is JSON."""
    tensors = {name: np.ascontiguousarray(value) for name, value in weights.items()}
    content = asdict(arm)
    content["task_options"].pop("data_dir", None)  # no path goes into a file that travels
    about = {"schema": 1, "seed": seed, "arm": content}
    return bytes(save(tensors, metadata={"cmpnet": json.dumps(about)}))
