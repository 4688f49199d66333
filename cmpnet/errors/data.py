"""Data that is missing or wrong."""

from __future__ import annotations

from pathlib import Path

from cmpnet.errors.kinds import (
    CmpnetError,
    MissingFileError,
    MissingPackageError,
    NoDataError,
    UnreadableError,
    UsageError,
)


def no_data_folder(folder: Path) -> CmpnetError:
    return MissingFileError(
        f"The data folder '{folder}' does not exist or is not a folder; --data-dir takes a folder "
        "of IDX files, plain or .gz. Without it, the MNIST digits shipped with cmpnet are used."
    )


def missing_data_file(folder: Path, name: str) -> CmpnetError:
    return MissingFileError(
        f"'{folder}' has no file '{name}' (nor '{name}.gz', here or in MNIST/raw or raw); "
        "--data-dir takes a folder with the four IDX files under their usual names."
    )


def bad_data_file(path: Path, reason: str) -> CmpnetError:
    return UnreadableError(
        f"The data file '{path}' cannot be used: {reason}; "
        "download it again or give another --data-dir."
    )


def damaged_package_data(path: Path, reason: str) -> CmpnetError:
    return UnreadableError(
        f"The packaged digits '{path.name}' are damaged ({reason}); reinstall cmpnet, "
        "or give your own files with --data-dir."
    )


def missing_dependency(name: str, file: str) -> CmpnetError:
    return MissingFileError(
        f"'{name}' depends on '{file}', which does not exist; restore it or fix 'depends'."
    )


def no_samples_given(task: str) -> CmpnetError:
    return NoDataError(
        f"The task '{task}' has no data of its own; give --data PATH to 'cmpnet train' or 'bench', "
        "or -o data=PATH to any command: the path of a .csv file, a .npz file, or a folder that "
        "has one subfolder of images per class."
    )


def missing_samples(path: Path) -> CmpnetError:
    return MissingFileError(
        f"The data '{path}' do not exist; --data takes a .csv file, a .npz file, or a folder that "
        "has one subfolder of images per class."
    )


def bad_samples(path: Path, reason: str, remedy: str) -> CmpnetError:
    """``reason`` says what is wrong, ``remedy`` what to do about it."""
    return UnreadableError(f"The data '{path}' cannot be used: {reason}; {remedy}.")


def no_pillow(path: Path) -> CmpnetError:
    return MissingPackageError(
        f"The images in '{path}' cannot be read without Pillow; install it with "
        "pip install 'cmpnet[images]'."
    )


def no_classes(architecture: str, task: str) -> CmpnetError:
    return UsageError(
        f"'{architecture}' has an output per class, but the task '{task}' names no classes; "
        "choose another architecture."
    )


def too_many_pairs(pairs: int, part: str, digits: int, most: int) -> CmpnetError:
    use = "each is used once" + (", for training or for validation" if most < digits // 2 else "")
    return UsageError(
        f"pairs is {pairs}; it must be at most {most}, since the {part} split has {digits} digits "
        f"and {use}. Give a smaller --pairs."
    )


def empty_name(what: str, expected: str) -> CmpnetError:
    return UsageError(f"{what} is empty; it must be {expected}.")


def needs_until_decided() -> CmpnetError:
    return UsageError(
        "--max-repeats limits a bench until decided; give --until-decided too, or --repeats."
    )
