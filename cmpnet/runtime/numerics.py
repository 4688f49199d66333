"""A fingerprint of how this machine computes: the bits of a few operations.

The same torch gives other bits with another instruction set or another BLAS kernel (environment
variables ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA and OPENBLAS_CORETYPE, or another CPU). Per seed
the test error of ``ws-aux`` then changes with an SD of 0.35 points. A number computed under
another fingerprint is therefore not reused.
"""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from typing import Any

import numpy as np


@lru_cache
def fingerprint(backend: str) -> str:
    """The backend and twelve hexadecimal digits that change with the bits it computes.

    Args:
        backend: the learner's. "torch" runs torch's operations, on one thread as the learner does;
            any other runs numpy's matrix products, which also depend on the number of threads.
    """
    digest = hashlib.sha256(platform.python_version().rpartition(".")[0].encode())
    probe = _torch_probe if backend == "torch" else _blas_probe
    for values in _elementwise_probe() + probe():
        digest.update(np.ascontiguousarray(values).tobytes())
    return f"{backend}-{digest.hexdigest()[:12]}"


def _elementwise_probe() -> list[Any]:
    """What prepares the data: sums, means and transcendental functions of numpy."""
    x = np.random.default_rng(0).standard_normal((257, 129), dtype=np.float32)
    return [x.sum(0), x.mean(dtype=np.float64), x.std(dtype=np.float64), np.tanh(x), np.exp(x)]


def _blas_probe() -> list[Any]:
    """Matrix products of the sizes that minidl has: steps of 10 samples, predictions of 500."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((25, 25), dtype=np.float32)
    inputs = [rng.standard_normal((rows, 25), dtype=np.float32) for rows in (10, 500)]
    return [x @ weights for x in inputs] + [x.T @ x for x in inputs]


def _torch_probe() -> list[Any]:
    """A convolution, a linear layer, softmax and batch statistics with their gradients (10 ms)."""
    import torch
    from torch.nn import functional

    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    torch.set_num_threads(1)
    try:
        generator = torch.Generator().manual_seed(0)
        x, kernel, weight = (
            torch.randn(shape, generator=generator, dtype=torch.float32).requires_grad_()
            for shape in ((20, 1, 14, 14), (32, 1, 5, 5), (10, 32 * 25))
        )
        y = torch.conv2d(x.contiguous(memory_format=torch.channels_last), kernel)
        y = functional.batch_norm(y, None, None, training=True)
        y = torch.max_pool2d(y.relu(), 2)
        loss = functional.cross_entropy(y.flatten(1) @ weight.T, torch.arange(20) % 10)
        loss.backward()  # type: ignore[no-untyped-call]
        return [value.detach().numpy() for value in (loss, y, kernel.grad, weight.grad, x.grad)]  # type: ignore[union-attr]
    finally:
        torch.set_num_threads(threads)
        torch.random.set_rng_state(state)
