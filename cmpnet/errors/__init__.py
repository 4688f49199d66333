"""Every error message on one page; of files in ``file_errors``, of suites in ``suite_errors``.

Each function returns a :class:`CmpnetError` whose text is one sentence (or two) that says what was
given, what is allowed and what to do next. The command line prints it and exits with 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class CmpnetError(Exception):
    """The call was wrong, or something it needs is missing: one sentence, no traceback, exit 2."""


def _listed(names: Iterable[str], most: int = 12) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return (", ".join(shown[:most]) + more) or "none"


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask whether another name was meant, where one of these is close; else nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


# -- names ----------------------------------------------------------------------------------------


def unknown_name(noun: str, name: str, known: Iterable[str], see: str = "list") -> CmpnetError:
    """Say which names there are, and the one that was probably meant."""
    known = list(known)
    return CmpnetError(
        f"There is no {noun} '{name}'.{nearest(name, known)} Known: {_listed(known, 40)}."
        f" See 'cmpnet {see}'."
    )


def broken_plugin(name: str, owner: str, version: str, error: BaseException) -> CmpnetError:
    return CmpnetError(
        f"'{name}' could not be loaded from {owner} {version}: {type(error).__name__}: {error}. "
        f"Mend or uninstall {owner}, or switch it off with --no-plugin {owner}."
    )


def wrong_spec(name: str, owner: str, version: str, reason: str) -> CmpnetError:
    return CmpnetError(f"'{name}' of {owner} {version} cannot be used: {reason}.")


def wrong_pairing(loss: str, needs: str, architecture: str, gives: Iterable[str]) -> CmpnetError:
    return CmpnetError(
        f"Loss '{loss}' needs '{needs}', which '{architecture}' does not give "
        f"(it gives {_listed(gives)}); choose another with --loss."
    )


def wrong_backend(loss: str, architecture: str, backends: tuple[str, str]) -> CmpnetError:
    return CmpnetError(
        f"Loss '{loss}' is written for {backends[0]}, architecture '{architecture}' for "
        f"{backends[1]}; choose a loss of the same framework with --loss."
    )


def other_task(architecture: str, task: str, found: str) -> CmpnetError:
    return CmpnetError(f"'{architecture}' learns the task '{task}', not '{found}'.")


def shown_export(name: str) -> CmpnetError:
    return CmpnetError(f"'{name}' has no description; an export is read by 'cmpnet compare FILE'.")


# -- options --------------------------------------------------------------------------------------


def unknown_option(option: str, arm: str, known: Iterable[str]) -> CmpnetError:
    known = [name.replace("_", "-") for name in known]
    return CmpnetError(
        f"'{arm}' has no option '{option}'.{nearest(option, known)} It takes: {_listed(known, 40)}."
    )


def unused_option(option: str, arms: Iterable[str]) -> CmpnetError:
    return CmpnetError(
        f"None of these arms has an option '{option}': {_listed(arms)}; "
        "see 'cmpnet show NAME' for the options of each."
    )


def ambiguous_option(option: str, parts: Iterable[str]) -> CmpnetError:
    parts = list(parts)
    return CmpnetError(
        f"'{option}' is an option of {' and of '.join(parts)}; write '{parts[0]}.{option}=VALUE'."
    )


def bad_value(option: str, value: object, allowed: str) -> CmpnetError:
    return CmpnetError(f"{option} is {value!r}; it must be {allowed}.")


def bad_assignment(text: str) -> CmpnetError:
    return CmpnetError(f"'-o {text}' is not an option; write -o NAME=VALUE, such as -o alpha=0.75.")


def repeated_option(option: str) -> CmpnetError:
    return CmpnetError(f"Option '{option.replace('_', '-')}' is given twice; give it once.")


def ambiguous_name(noun: str, name: str, qualified: Iterable[str]) -> CmpnetError:
    return CmpnetError(
        f"Several distributions have the {noun} '{name}'; write one of {_listed(qualified)}."
    )


def same_file(path: str, one: str, other: str) -> CmpnetError:
    return CmpnetError(f"{one} and {other} would both go to '{path}'; give two different files.")


def overwriting(path: str, name: str, what: str) -> CmpnetError:
    return CmpnetError(f"The {name} would overwrite {what} '{path}'; give another file.")


def save_to_stdout() -> CmpnetError:
    return CmpnetError("--save takes a file, not '-': a checkpoint is binary.")


def suite_and_arms(suite: str, arms: Iterable[str]) -> CmpnetError:
    return CmpnetError(f"--suite {suite} names its own arms; leave out {_listed(arms)}.")


def bad_arm(text: str) -> CmpnetError:
    return CmpnetError(
        f"'{text}' is not an arm; write ARCHITECTURE[:LOSS] with options in brackets, "
        "such as 'ws-aux:aux-scheduled[alpha=0.25]' (quoted, for the shell's sake)."
    )


def repeated_arm(name: str) -> CmpnetError:
    return CmpnetError(f"Arm '{name}' is given twice; a bench compares different arms.")


# -- data -----------------------------------------------------------------------------------------


def no_data_folder(folder: Path) -> CmpnetError:
    return CmpnetError(
        f"The data folder '{folder}' does not exist or is not a folder; --data-dir takes a folder "
        "of IDX files, plain or .gz; leave it out for the MNIST digits inside cmpnet."
    )


def missing_data_file(folder: Path, name: str) -> CmpnetError:
    return CmpnetError(
        f"'{folder}' has no file '{name}' (nor '{name}.gz', here or in MNIST/raw or raw); "
        "--data-dir takes a folder with the four IDX files under their usual names."
    )


def bad_data_file(path: Path, reason: str) -> CmpnetError:
    return CmpnetError(
        f"The data file '{path}' cannot be used: {reason}; "
        "fetch it anew or give another --data-dir."
    )


def damaged_package_data(path: Path, reason: str) -> CmpnetError:
    return CmpnetError(
        f"The packaged digits '{path.name}' are damaged ({reason}); reinstall cmpnet, "
        "or give your own files with --data-dir."
    )


def too_many_pairs(pairs: int, part: str, digits: int) -> CmpnetError:
    return CmpnetError(
        f"pairs is {pairs}; the {part} split has {digits} digits, drawn without replacement, "
        f"so at most {digits // 2} pairs can be made: give a smaller --pairs."
    )


# -- pictures -------------------------------------------------------------------------------------


def empty_run(run: str) -> CmpnetError:
    return CmpnetError(f"Run '{run}' has no finished repeat; the same bench again goes on with it.")


def unknown_selection(name: str, known: Iterable[str]) -> CmpnetError:
    known = list(known)
    return CmpnetError(
        f"The store has no arm and no run '{name}'.{nearest(name, known)} "
        f"Arms in it: {_listed(known)}. 'cmpnet runs' lists the runs."
    )


def ambiguous_run(prefix: str, runs: Iterable[str]) -> CmpnetError:
    return CmpnetError(f"'{prefix}' begins several runs: {_listed(runs)}; give more of the id.")


def no_alpha(arms: Iterable[str]) -> CmpnetError:
    return CmpnetError(
        f"None of these arms has an alpha: {_listed(arms)}; "
        "bench some first, such as 'ws-aux[alpha=0.5]' and 'ws-aux[alpha=1]'."
    )


def no_picture(kind: str, arm: str, reason: str) -> CmpnetError:
    return CmpnetError(f"There is no picture '{kind}' of '{arm}': {reason}; name another arm.")


def no_matplotlib() -> CmpnetError:
    return CmpnetError(
        "Pictures in files need matplotlib; install it with pip install 'cmpnet[figures]', "
        "or leave out --save to see the picture in the terminal."
    )


def bad_picture_file(path: str) -> CmpnetError:
    return CmpnetError(f"'{path}' is no picture file; --save takes a name in .svg, .png or .pdf.")


# -- running --------------------------------------------------------------------------------------


def stopped(by: str) -> CmpnetError:
    return CmpnetError(
        f"stopped by {by}; what is finished is in the store, the same command goes on."
    )


def cut_off(error: OSError) -> CmpnetError:
    return CmpnetError(
        f"cannot write the output: {error.strerror}; repeats that are finished are in the store."
    )


# -- machine --------------------------------------------------------------------------------------


def bad_output(name: str, architecture: str, found: str, promised: str) -> CmpnetError:
    return CmpnetError(
        f"'{name}' of architecture '{architecture}' is {found}; its record says {promised}."
    )


def bad_verdicts(task: str, found: str, samples: int) -> CmpnetError:
    return CmpnetError(
        f"Task '{task}' judged {samples} samples as {found}; wrong() gives ({samples},) booleans."
    )


def no_device(device: str, reason: str) -> CmpnetError:
    return CmpnetError(f"Device '{device}' cannot be used: {reason}; give --device cpu.")
