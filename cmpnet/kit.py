"""What processes on other machines need before their first job: a kit.

It holds the versions that a process there must have, or it would compute other numbers, and the
files of this machine that the jobs read: files of the user's own with the modules beside them, and
data. There they are below a temporary folder. Jobs name them as they are called here.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from cmpnet import errors, own_files, provenance
from cmpnet.jobs import Job, Plan
from cmpnet.runtime.imports import canonical, files_below, imported
from cmpnet.spec import Arm

LARGEST = 256 * 2**20  # bytes of files: Dask sends them to each worker in one message
_NOT_VERSIONS = (provenance.NUMERICS, provenance.OWN, provenance.DEPENDS)


@dataclass(frozen=True, slots=True)
class Kit:
    """What a process on another machine needs.

    Attributes:
        code: version and digest of each distribution that trains an arm, and of torch and numpy.
        numerics: fingerprints of how this machine computes, of each backend.
        installed: version of every distribution of this machine.
        third_party: whether code of plugins is imported.
        python: version of Python, without the last number.
        files: content of the files by their path on this machine; empty once they are unpacked.
        folder: where they are there.
    """

    code: dict[str, str]
    numerics: tuple[str, ...]
    installed: dict[str, str] = field(default_factory=dict)
    third_party: bool = False
    python: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    folder: str = ""

    def unpack(self, folder: Path) -> Kit:
        """Write the files below a folder of the other machine.

        Raises:
            OSError: they cannot be written.
        """
        for name, content in self.files.items():
            place = _inside(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return replace(self, files={}, folder=str(folder))

    def enter(self) -> Iterator[str]:
        """Have this process use the kit for its jobs; yields each reason why it must not."""
        if self.folder:
            own_files.move(Path(self.folder))
        yield from self._reasons()
        _ENTERED.append((self.folder, time.time()))

    def _reasons(self) -> Iterator[str]:
        if (python := _python()) != self.python:
            yield _other("Python", python, self.python)
        mine = dict(self.code)
        for name in mine:
            plain = name in ("torch", "numpy")
            here = provenance.version(name) if plain else provenance.code_version(name)
            if here != mine[name]:
                yield _other(name, here, mine[name])
        for wanted in self.numerics if mine.get("torch") == provenance.version("torch") else ():
            backend = wanted.rpartition("-")[0]
            if (here := provenance.fingerprint(backend)) != wanted:
                yield _other("the arithmetic", here, wanted) + " (another CPU or BLAS)"
        for name, here in imported().versions.items() if self.third_party else ():
            if name not in mine and self.installed.get(name, here) != here:
                yield _other(name, here, self.installed[name])


_ENTERED: list[tuple[str, float]] = []  # of this process: the folder of its kit, and since when


def kit_of(plans: Sequence[Plan]) -> Kit:
    """What other machines need to train some arms.

    Raises:
        CmpnetError: the files are too large to be sent.
    """
    code: dict[str, str] = {}
    numerics: set[str] = set()
    files: dict[str, bytes] = {}
    for one in plans:
        numerics.add(one.code[provenance.NUMERICS])
        left_out = {*_NOT_VERSIONS, *one.arm.files}
        code |= {n: version for n, version in one.code.items() if n not in left_out}
        for path in _paths(one.arm):
            if str(path) not in files:
                files[str(path)] = path.read_bytes()
    if (size := sum(map(len, files.values()))) > LARGEST:
        raise errors.too_large_kit(max(files, key=lambda name: len(files[name])), size, LARGEST)
    return Kit(
        code,
        tuple(sorted(numerics)),
        {canonical(one.name): one.version for one in metadata.distributions() if one.name},
        any(Job(0, one.arm, ()).isolation for one in plans),
        _python(),
        files,
    )


def here(job: Job) -> Job:
    """The job with the paths of this machine, if it comes from another."""
    if not _ENTERED:
        return job
    folder, since = _ENTERED[-1]
    options = dict(job.arm.key.task_options)
    for name in job.arm.key.local_paths:
        if folder and isinstance(value := options.get(name), str):
            place = _inside(Path(folder), os.path.abspath(value))
            options[name] = str(place) if place.exists() else value
    arm = replace(job.arm, key=replace(job.arm.key, task_options=options))
    # The files were written, and all versions checked, when this process entered; its clock counts.
    plan = job.plan and replace(job.plan, made=since)
    return replace(job, arm=arm, plan=plan)


def _paths(arm: Arm) -> Iterator[Path]:
    """The files of this machine that an arm reads."""
    for module in arm.files.values():
        yield from own_files.files_of(module)
    for spec in (arm.architecture, arm.loss, arm.task):
        if any(spec.name.startswith(f"{owner}:") for owner in arm.files):
            yield from provenance.depends(spec)
    for name in arm.key.local_paths:
        if isinstance(value := arm.key.task_options.get(name), str):
            for _, path in files_below(Path(os.path.abspath(value))):
                if path.is_file():
                    yield path


def _inside(folder: Path, name: str) -> Path:
    """The place below a folder of what has an absolute path elsewhere."""
    return folder.joinpath(*Path(name).parts[1:])


def _python() -> str:
    return platform.python_version().rpartition(".")[0]


def _other(name: str, here: str, wanted: str) -> str:
    if here.startswith("none"):
        return f"it has no {name}, this machine has {wanted}"
    return f"it has {name} {here}, this machine {wanted}"
