"""The fingerprint of a machine's arithmetic, and what it keeps from being reused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cmpnet.analysis.comparisons import remarks
from cmpnet.runtime.numerics import fingerprint
from tests.helpers import QUICK, arm_results, cmpnet


def fingerprint_in(backend: str, environment: dict[str, str]) -> str:
    """The fingerprint that a process with some environment variables has."""
    code = f"from cmpnet.runtime.numerics import fingerprint; print(fingerprint({backend!r}))"
    return subprocess.run(
        [
            "env",
            *(f"{name}={value}" for name, value in environment.items()),
            sys.executable,
            "-c",
            code,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.parametrize("backend", ["torch", "minidl"])
def test_two_processes_of_one_machine_have_one_fingerprint(backend: str) -> None:
    first, second = fingerprint_in(backend, {}), fingerprint_in(backend, {})
    assert first == second == fingerprint(backend)
    assert first.startswith(f"{backend}-")


def test_the_probe_leaves_threads_and_generators_as_they_were() -> None:
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fingerprint.cache_clear()
    fingerprint("torch")
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == 1


@pytest.mark.slow
def test_another_instruction_set_has_another_fingerprint_and_its_numbers_are_not_reused() -> None:
    other = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
    if fingerprint_in("torch", other) == fingerprint_in("torch", {}):
        pytest.skip("this CPU has no other instruction set")
    bench = ("bench", "ws", *QUICK, "--repeats", "1", "--no-plot")
    assert cmpnet(*bench).returncode == 0
    assert "1 of 1 repeats came from the store" in cmpnet(*bench).stdout
    again = cmpnet(*bench, environment=other)
    assert again.returncode == 0, again.stderr
    assert "came from the store" not in again.stdout
    assert "1 of 1 repeats came from the store" in cmpnet(*bench).stdout


def test_a_table_that_mixes_two_kinds_of_arithmetic_says_so() -> None:
    def arm(label: str, numerics: str) -> object:
        return arm_results(label, [100, 110, 120], code={"cmpnet": "1", "numerics": numerics})

    first, same = arm("a", "torch-1"), arm("b", "torch-1")
    other, another_backend = arm("c", "torch-2"), arm("d", "minidl-3")
    assert remarks(same, first) == remarks(another_backend, first) == []  # type: ignore[arg-type]
    (sentence,) = remarks(other, first)  # type: ignore[arg-type]
    assert "different arithmetic (torch-2 and torch-1)" in sentence
