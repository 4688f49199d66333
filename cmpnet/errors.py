"""Every error message, on one page.

Each function returns a :class:`CmpnetError`. Its text is one sentence, or two, that says what was
given, what is allowed and what to do next. The command line prints the text and exits with the
error's ``exit_code``.
"""

from __future__ import annotations

import contextlib
import difflib
import reprlib
from collections.abc import Iterable, Iterator
from pathlib import Path


class CmpnetError(Exception):
    """The call was wrong, or something that it needs is missing or broken.

    Attributes:
        exit_code: exit status of the command line; 2 before training has begun, 1 afterwards.
    """

    exit_code = 2


class UsageError(CmpnetError, ValueError):
    """An argument or a combination of arguments is not allowed."""


class UnknownNameError(CmpnetError, LookupError):
    """A name means nothing, or more than one thing."""


class MissingFileError(CmpnetError, FileNotFoundError):
    """A file or folder does not exist, or holds nothing of use."""


class UnreadableError(CmpnetError, OSError):
    """A file cannot be read, or its content is damaged."""


class UnwritableError(CmpnetError, OSError):
    """A file cannot be written; it may still be readable."""


class VersionError(CmpnetError, RuntimeError):
    """A file was written by another version of cmpnet."""


class PluginError(CmpnetError, RuntimeError):
    """A plugin, or a record of the caller's own, is broken or breaks its promises."""


class NoDataError(UsageError):
    """A task has no data until an option of it is given."""


class NoValueError(UsageError):
    """A parameter has no default, and no value was given.

    Attributes:
        parameters: names of such parameters.
    """

    def __init__(self, message: str, parameters: Iterable[str]) -> None:
        super().__init__(message)
        self.parameters = tuple(parameters)


class MissingPackageError(CmpnetError, ImportError):
    """An optional package is not installed."""


@contextlib.contextmanager
def during_run() -> Iterator[None]:
    """Let errors exit with 1 instead of 2: training has begun, and finished repeats are kept."""
    try:
        yield
    except CmpnetError as error:
        error.exit_code = 1
        raise


def nearest(name: str, names: Iterable[str]) -> str:
    """The question " Did you mean 'x'?" with the most similar name; "" if none is similar."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


def _listed(names: Iterable[str], limit: int = 12) -> str:
    ordered = sorted(names)
    rest = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return (", ".join(ordered[:limit]) + rest) or "none"


def _reason(error: object) -> str:
    """In one line: SQLite quotes the statement that it cannot read."""
    text = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(text.split())


def text_of(error: BaseException) -> str:
    """The type and the message of an exception, which need not be able to tell it."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = "its message cannot be read"
    return f"{type(error).__name__}: {message}".removesuffix(": ")


def a_kind(value: object) -> str:
    """The type of a value with its article: "an int"."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _unreadable(error: object) -> type[CmpnetError]:
    return MissingFileError if isinstance(error, FileNotFoundError) else UnreadableError


# -- names ----------------------------------------------------------------------------------------


def unknown_name(noun: str, name: str, names: Iterable[str], see: str = "list") -> CmpnetError:
    names = list(names)
    if name.startswith("-"):  # the next flag was taken for the value
        return UnknownNameError(
            f"The name of the {noun} is missing before '{name}'. Available: {_listed(names, 40)}. "
            f"See 'cmpnet {see}'."
        )
    return UnknownNameError(
        f"There is no {noun} '{name}'.{nearest(name, names)} Available: {_listed(names, 40)}. "
        f"See 'cmpnet {see}'."
    )


def ambiguous_name(noun: str, name: str, qualified: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"Several distributions register the {noun} '{name}'; use one of {_listed(qualified)}."
    )


def broken_plugin(name: str, owner: str, version: str, error: BaseException) -> CmpnetError:
    """``owner`` is the distribution that registers the name, "" for a record of the caller's."""
    raised = f"raised {text_of(error)}".removesuffix(".")
    if not owner or owner.endswith(".py"):  # of the caller's own: not installed
        return PluginError(f"'{name}' {raised}.")
    distribution = f"{owner} {version}".rstrip()
    return PluginError(
        f"'{name}' of {distribution} {raised}. Fix or uninstall {owner}, or disable it with "
        f"--no-plugin {owner}."
    )


def wrong_spec(name: str, owner: str, version: str, reason: str) -> CmpnetError:
    """``owner`` is "" for a record of the caller's own."""
    whose = f" of {owner} {version}".rstrip() if owner else ""
    return PluginError(f"'{name}'{whose} cannot be used: {reason}.")


def empty_entry_point(
    name: str, owner: str, version: str, module: str, attribute: str
) -> CmpnetError:
    return PluginError(
        f"'{name}' of {owner} {version} cannot be used: '{module}', which its entry point names, "
        f"has no attribute '{attribute}'. Fix or uninstall {owner}, or disable it with "
        f"--no-plugin {owner}."
    )


def wrong_pairing(loss: str, need: str, architecture: str, outputs: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"Loss '{loss}' needs the output '{need}', which '{architecture}' does not have "
        f"(its outputs: {_listed(outputs)}); choose another loss with --loss."
    )


def wrong_backend(noun: str, name: str, own: str, architecture: str, backend: str) -> CmpnetError:
    """``own`` is the backend that the loss, optimizer or augmentation is written for."""
    article = "a" if noun == "loss" else "an"
    return UsageError(
        f"{noun.capitalize()} '{name}' is written for {own}, architecture '{architecture}' for "
        f"{backend}; choose {article} {noun} for {backend} with --{noun}."
    )


def wrong_input(loss: str, name: str, architecture: str, gives: Iterable[str]) -> CmpnetError:
    """``gives`` are the inputs that the learner of the architecture gives to losses."""
    return UsageError(
        f"Loss '{loss}' asks for '{name}', which the learner of '{architecture}' does not give "
        f"(it gives: {_listed(gives)}); choose another loss with --loss."
    )


def bad_learner(architecture: str, learner: str, reason: str) -> CmpnetError:
    return PluginError(
        f"The learner '{learner}' of architecture '{architecture}' cannot be used: "
        f"{reason.removesuffix('.')}; give the path MODULE:CLASS of a learner."
    )


def unknown_recipe_option(
    architecture: str, option: str, noun: str, name: str, names: Iterable[str]
) -> CmpnetError:
    names = list(names)
    return PluginError(
        f"The recipe of '{architecture}' has an option '{option}', which its {noun} '{name}' does "
        f"not have.{nearest(option, names)} Its options: {_listed(names)}."
    )


def other_task(architecture: str, task: str, other: str) -> CmpnetError:
    return UsageError(f"'{architecture}' learns the task '{task}', not '{other}'.")


def shown_export(name: str) -> CmpnetError:
    return UsageError(f"'{name}' is an export; read it with 'cmpnet compare {name}'.")


# -- files of the user's own ----------------------------------------------------------------------


def no_own_file(path: str, others: Iterable[str]) -> CmpnetError:
    """``others`` are the .py files of its folder."""
    return MissingFileError(
        f"There is no file '{path}'.{nearest(Path(path).name, others)} A network of your own is "
        "named as PATH/FILE.py:CLASS; where a result names it, give --plugin PATH/"
        f"{Path(path).name}."
    )


def bad_own_file(path: str, reason: str) -> CmpnetError:
    return PluginError(f"'{path}' cannot be used: {reason}.")


def same_record(file: str, noun: str, name: str, first: str, second: str) -> CmpnetError:
    """``first`` and ``second`` are the attributes that hold the two records."""
    plural, _ = _in_file(noun)
    return PluginError(
        f"'{file}' has two {plural} with the name '{name}': {first} and {second}; rename one."
    )


def same_own_file(name: str, first: Path, second: Path) -> CmpnetError:
    return UsageError(
        f"'{first}' and '{second}' are both called '{name}', as their results would be; rename one."
    )


def same_helper(module: str, first: Path, second: Path) -> CmpnetError:
    return UsageError(
        f"'{first}' and '{second}' each import a module '{module}' of their own folder; rename one "
        "of these modules."
    )


def stored_path(name: str) -> CmpnetError:
    return UsageError(f"'{name}' is in a folder; results name files without their folder.")


def unopened_file(name: str) -> CmpnetError:
    file = name.partition(":")[0]
    return UnknownNameError(
        f"'{name}' is in a file that is not loaded here; give its path with --plugin {file}."
    )


_IN_FILE = {  # what a kind is called in the plural, and what makes one, beside a record
    "architecture": (
        "networks",
        "a torch.nn.Module class, a function that returns a network, or a cmpnet.Architecture",
    ),
    "loss": ("losses", "a function of an output and a batch, or a cmpnet.Loss"),
    "task": ("tasks", "a cmpnet.Task"),
    "metric": ("metrics", "a cmpnet.Metric"),
    "optimizer": (
        "optimizers",
        "a function of 'parameters', a torch.optim.Optimizer class, or a cmpnet.Optimizer",
    ),
    "schedule": ("schedules", "a function of 'progress', or a cmpnet.Schedule"),
    "augmentation": (
        "augmentations",
        "a function of 'x' and 'generator', or a cmpnet.Augmentation",
    ),
    "executor": ("executors", "a class with a method run(work, jobs)"),
}


def _in_file(noun: str) -> tuple[str, str]:
    return _IN_FILE.get(noun, (f"{noun}s", f"a cmpnet.{noun.capitalize()}"))


def not_in_file(noun: str, name: str, file: str, names: Iterable[str]) -> CmpnetError:
    """``names`` are those that the file has of this kind."""
    names, (plural, _) = list(names), _in_file(noun)
    return UnknownNameError(
        f"'{file}' has no '{name}'.{nearest(name, names)} Its {plural}: {_listed(names, 40)}."
    )


def not_of_kind(noun: str, name: str, file: str, kind: str) -> CmpnetError:
    """``kind`` says what it is instead."""
    return PluginError(f"'{name}' in '{file}' is {kind}; give {_in_file(noun)[1]}.")


def none_in_file(noun: str, file: str) -> CmpnetError:
    plural, allowed = _in_file(noun)
    return PluginError(f"'{file}' has no {plural}; it needs {allowed}.")


def nothing_in_file(file: str) -> CmpnetError:
    return PluginError(
        f"'{file}' has nothing to check: no network class, no loss NAME(output, batch, ...), "
        "and no record. Name a function as FILE.py:NAME."
    )


def several_in_file(noun: str, file: str, names: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"'{file}' has several {_in_file(noun)[0]}; give one of "
        f"{_listed(f'{file}:{name}' for name in names)}."
    )


def no_default(parameter: str, name: str) -> CmpnetError:
    return NoValueError(
        f"The parameter '{parameter}' of '{name}' has no default and a type that cannot be typed; "
        "give it a default.",
        [parameter],
    )


def no_value(parameters: Iterable[str], name: str) -> CmpnetError:
    parameters = list(parameters)
    values = ",".join(f"{one}=VALUE" for one in parameters)
    flags = " ".join(f"-o {one}=VALUE" for one in parameters)
    quoted = " and ".join(f"'{one}'" for one in parameters)
    verb = "has" if len(parameters) == 1 else "have"
    return NoValueError(
        f"'{name}' needs {quoted}, which {verb} no default; give a value, as in '{name}[{values}]' "
        f"or {flags}.",
        parameters,
    )


def no_default_loss(name: str, outputs: Iterable[str], task: str) -> CmpnetError:
    return PluginError(
        f"No loss of the task '{task}' fits what '{name}' returns ({_listed(outputs)}); name one "
        'in the class: loss = "NAME".'
    )


def cannot_make(name: str, reason: str) -> CmpnetError:
    return PluginError(f"'{name}' cannot be made: {reason}.{_device(reason)}")


def cannot_run(name: str, shape: str, task: str, reason: str) -> CmpnetError:
    return PluginError(
        f"'{name}' cannot read a batch x {shape} of the task '{task}': {reason}.{_device(reason)}"
    )


def _device(reason: str) -> str:
    return " Leave devices to --device." if "cuda" in reason.lower() else ""


def wrong_output(name: str, returned: str, allowed: str) -> CmpnetError:
    """``returned`` and ``allowed`` are shapes in words."""
    return PluginError(f"'{name}' returns {returned} for B samples; it must return {allowed}.")


def cannot_try_loss(name: str, reason: str) -> CmpnetError:
    return PluginError(
        f"Loss '{name}' was tried to see which outputs it needs, and raised {reason}; fix it, or "
        "name them in a cmpnet.Loss."
    )


# -- arms and options -----------------------------------------------------------------------------


def bad_arm(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' is not a valid arm; write ARCHITECTURE[:LOSS] with options in brackets, such "
        "as 'ws-aux:aux-scheduled[alpha=0.25]', in quotes because of the brackets."
    )


def repeated_arm(label: str) -> CmpnetError:
    return UsageError(f"Arm '{label}' is given twice; arms must differ.")


def bad_assignment(text: str) -> CmpnetError:
    return UsageError(f"'{text}' is not a valid option; write NAME=VALUE, such as alpha=0.75.")


def bad_sweep(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' is not a valid sweep; write NAME=VALUE,VALUE,..., such as alpha=0,0.5,1."
    )


def bad_value(sentence: str) -> CmpnetError:
    """``sentence`` says what the value is and what it must be, without the full stop."""
    return UsageError(f"{sentence}.")


def unknown_option(option: str, arm: str, names: Iterable[str]) -> CmpnetError:
    option, names = option.replace("_", "-"), [name.replace("_", "-") for name in names]
    return UnknownNameError(
        f"'{arm}' has no option '{option}'.{nearest(option, names)} "
        f"Its options: {_listed(names, 40)}."
    )


def unused_option(option: str, labels: Iterable[str], names: Iterable[str] = ()) -> CmpnetError:
    names = list(names)
    options = f"Their options: {_listed(names, 40)}." if names else "See 'cmpnet show NAME'."
    return UsageError(
        f"None of these arms has an option '{option}': {_listed(labels)}.{nearest(option, names)} "
        f"{options}"
    )


def option_of_others(
    option: str, noun: str, others: Iterable[str], chosen: str, names: Iterable[str]
) -> CmpnetError:
    """``others`` have the option, ``chosen`` has those of ``names`` instead."""
    own = _listed(name.replace("_", "-") for name in names)
    return UsageError(
        f"--{option.replace('_', '-')} is an option of --{noun} {' or '.join(others)}, not of "
        f"'{chosen}' (its options: {own}); choose another {noun}, or leave the option out."
    )


def ambiguous_option(option: str, parts: Iterable[str]) -> CmpnetError:
    parts = list(parts)
    return UnknownNameError(
        f"'{option}' is an option of both {' and '.join(parts)}; write '{parts[0]}.{option}=VALUE'."
    )


def repeated_option(option: str) -> CmpnetError:
    return UsageError(f"Option '{option.replace('_', '-')}' is given twice; give it once.")


def suite_and_arms(suite: str, arms: Iterable[str]) -> CmpnetError:
    return UsageError(f"--suite {suite} names its own arms; leave out {_listed(arms)}.")


# -- data -----------------------------------------------------------------------------------------


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


# -- comparisons and pictures ---------------------------------------------------------------------


def no_reference(name: str, matches: Iterable[str], labels: Iterable[str]) -> CmpnetError:
    matches, labels = list(matches), list(labels)
    if matches:
        return UnknownNameError(
            f"'{name}' matches several arms: {', '.join(matches)}; name one of them."
        )
    return UnknownNameError(
        f"There is no arm '{name}' to compare with.{nearest(name, labels)} "
        f"Arms: {', '.join(labels)}."
    )


def nothing_to_compare(names: Iterable[str], left_out: str = "") -> CmpnetError:
    """``left_out`` says which arms were left out, if any."""
    if left_out:
        return UsageError(f"{' '.join(names)}: no two arms have the same protocol. {left_out}")
    return UsageError(
        f"{' '.join(names)}: only one arm, with one set of repeats; name at least two arms, or "
        "runs that differ. 'cmpnet runs' lists the runs."
    )


def not_comparable(arm: str, reference: str, reason: str) -> CmpnetError:
    return UsageError(
        f"'{arm}' cannot be compared with '{reference}': {reason}; a comparison by seed needs the "
        "same task, data and seeds."
    )


def adds_nothing(name: str) -> CmpnetError:
    return UsageError(
        f"'{name}' adds nothing: its arms are already included, with the same repeats. To make it "
        "the reference, put it first and name the arms to compare."
    )


def unknown_selection(name: str, labels: Iterable[str]) -> CmpnetError:
    labels = list(labels)
    return UnknownNameError(
        f"The store has no arm and no run '{name}'.{nearest(name, labels)} "
        f"Its arms: {_listed(labels)}. 'cmpnet runs' lists the runs."
    )


def unknown_where(option: str, names: Iterable[str]) -> CmpnetError:
    names = list(names)
    return UnknownNameError(
        f"No arm here has an option '{option}'.{nearest(option, names)} --where takes one of "
        f"{_listed(names, 40)}."
    )


def unknown_where_value(option: str, value: str, values: Iterable[str]) -> CmpnetError:
    values = list(values)
    return UnknownNameError(
        f"No arm here has {option}={value}.{nearest(value, values)} Values of {option}: "
        f"{_listed(values)}."
    )


def nowhere(names: Iterable[str], where: str) -> CmpnetError:
    """``names`` are those of the call, ``where`` is what --where asks for."""
    return UnknownNameError(
        f"No arm of {' '.join(names) or 'the store'} has {where}; give other --where options. "
        "'cmpnet runs' lists the runs and their settings."
    )


def ambiguous_run(prefix: str, runs: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"Several runs begin with '{prefix}': {_listed(runs)}; give more characters of the id."
    )


def empty_run(run: str) -> CmpnetError:
    return UsageError(
        f"Run '{run}' has no finished repeat; rerun its 'cmpnet bench' command to resume it."
    )


def no_option_values(option: str, labels: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"None of these arms has the option {option}: {_listed(labels)}; train arms that have it "
        f"first, for example with 'cmpnet bench ws-aux --sweep {option}=0,0.25,0.5,0.75,1'."
    )


def none_measured_on(samples: str, other: str, labels: Iterable[str], flags: str) -> CmpnetError:
    """``samples`` and ``other`` are "test" and "validation"; ``flags`` make what is missing."""
    return UsageError(
        f"None of these arms is measured on {samples} samples: {_listed(labels)}; make some, for "
        f"example with 'cmpnet bench ws-aux {flags}', or give --on {other} to see these."
    )


def no_picture(kind: str, arm: str, reason: str) -> CmpnetError:
    return UsageError(f"'{arm}' has no picture '{kind}': {reason}. Name another arm.")


def bad_title(label: str, title: str) -> CmpnetError:
    return UsageError(
        f"{title!r} cannot be the name of '{label}' in tables and pictures; write ARM=NAME with a "
        "printable name, for example --label ws-aux='ours'."
    )


def same_title(label: str, title: str) -> CmpnetError:
    return UsageError(
        f"'{title}' cannot be the name of '{label}': another arm is called so; give another name."
    )


def no_logarithm(kind: str, kinds: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"The picture '{kind}' has no logarithmic axis; leave out --log, or draw one of "
        f"{', '.join(kinds)}."
    )


# -- files ----------------------------------------------------------------------------------------


def same_file(path: str, first: str, second: str) -> CmpnetError:
    return UsageError(
        f"{first} and {second} would both be written to '{path}'; give two different files."
    )


def overwriting(path: str, name: str, what: str) -> CmpnetError:
    return UsageError(f"The {name} would overwrite {what} '{path}'; give another file.")


def save_to_stdout() -> CmpnetError:
    return UsageError("--save takes a file, not '-': a checkpoint is binary.")


def bad_results_file(path: Path | str, allowed: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"Results cannot be saved as '{path}'; its name must end in {_listed(allowed)}."
    )


def bad_picture_file(path: Path | str) -> CmpnetError:
    return UsageError(
        f"A picture cannot be saved as '{path}'; its name must end in .svg, .png or .pdf."
    )


def bad_numbers_file(path: str) -> CmpnetError:
    return UsageError(
        f"The numbers of a picture cannot be written as '{path}'; its name must end in .csv."
    )


def needs_save(flag: str) -> CmpnetError:
    return UsageError(f"{flag} is for pictures in files; give --save FILE too.")


def bad_picture_size(flag: str, value: float, allowed: str) -> CmpnetError:
    return UsageError(f"{flag} is {value:g}; it must be {allowed}.")


def bad_label(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' gives no arm a name; write ARM=NAME, for example --label ws-aux='ours'."
    )


def unwritable(path: Path | str, what: str, error: BaseException) -> CmpnetError:
    return UnwritableError(
        f"Cannot write the {what} '{path}': {_reason(error)}; give a path in a writable folder."
    )


def unreadable_export(path: Path | str, error: object) -> CmpnetError:
    """``error`` is an exception or a reason in words."""
    return _unreadable(error)(
        f"'{path}' cannot be read: {_reason(error)}; give a file that --export-json wrote."
    )


def newer_export(path: Path | str, schema: object, supported: int) -> CmpnetError:
    return VersionError(
        f"'{path}' has schema {schema}; this cmpnet reads schemas up to {supported}. "
        "Upgrade cmpnet."
    )


def unreadable_suite(path: Path | str, error: BaseException) -> CmpnetError:
    reason = _reason(error) if isinstance(error, OSError) else "it is not UTF-8 text"
    return _unreadable(error)(
        f"The suite file '{path}' cannot be read: {reason}; --suite takes a .toml file or a name "
        "that 'cmpnet list suites' shows."
    )


def not_toml(where: str, error: BaseException) -> CmpnetError:
    return UsageError(f"{where} is not TOML: {error}. The README shows a suite file.")


def bad_suite(where: str, key: str, reason: str) -> CmpnetError:
    """``where`` is the file, or the plugin's suite; ``key`` is the entry that is wrong."""
    return UsageError(f"{where} cannot be used: {key} {reason.removesuffix('.')}.")


def existing_file(path: Path) -> CmpnetError:
    return UsageError(f"'{path}' exists and was not changed; give another name, or remove it.")


def bad_new_name(name: str) -> CmpnetError:
    return UsageError(
        f"'{name}' cannot be the name of a new file; use letters, digits and '-', a letter first, "
        "such as my-net, and no name of a package that it imports."
    )


# -- reproduction ---------------------------------------------------------------------------------


def not_a_path(option: str, names: Iterable[str]) -> CmpnetError:
    option, names = option.replace("_", "-"), [name.replace("_", "-") for name in names]
    return UsageError(
        f"'{option}' cannot be given: the file holds every option of its arms except paths on "
        f"this machine. Give one of {_listed(names)}."
    )


def other_data(data: str, here: str, paths: Iterable[str]) -> CmpnetError:
    """``paths`` are the options of the task that are paths on this machine."""
    flags = " or ".join(f"-o {name.replace('_', '-')}=PATH" for name in paths)
    remedy = (
        f"give the data that it was trained on with {flags}" if flags else "install its version"
    )
    return UsageError(
        f"its data are not those here (SHA-256 {data[:8] or 'unknown'}..., here {here[:8]}...); "
        f"{remedy}."
    )


def own_records(arm: str) -> CmpnetError:
    return UsageError(
        f"'{arm}' has a network, loss or task of a script's own, which the file does not contain; "
        "run that script instead."
    )


def stopped_reproduction(by: str) -> CmpnetError:
    return CmpnetError(
        f"Stopped by {by}, before the repeats were compared; rerun it to begin again."
    )


# -- the store ------------------------------------------------------------------------------------


def corrupt_store(path: Path, error: BaseException) -> CmpnetError:
    return UnreadableError(
        f"The store '{path}' cannot be read: {_reason(error)}. It was not changed; move it away, "
        "or give another folder with --store."
    )


def stopped_store(path: Path, error: BaseException) -> CmpnetError:
    return UnwritableError(
        f"The store '{path}' can no longer be written: {_reason(error)}. The repeats reported so "
        "far are stored; once it can be written, rerun the same command to resume."
    )


def replaced_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"The store '{path}' was moved, removed or truncated while it was in use. Put it back, "
        "then rerun the same command to resume."
    )


def foreign_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"'{path}' is the database of another program, not a store of cmpnet. It was not changed; "
        "give another folder with --store."
    )


def newer_store(path: Path, schema: int, supported: int) -> CmpnetError:
    return VersionError(
        f"The store '{path}' has schema {schema}; this cmpnet reads schemas up to {supported}. "
        "Upgrade cmpnet, or give another folder with --store."
    )


def bad_tag(tag: str) -> CmpnetError:
    return UsageError(
        f"The tag '{tag}' cannot be used; a tag is a word without blanks and commas. Give a note "
        "for a sentence."
    )


def run_in_progress(run: str) -> CmpnetError:
    return UsageError(
        f"Run {run} is in progress and may reuse repeats of other runs. Wait until it has ended, "
        "or stop it, then rerun the same command."
    )


def changed_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"Another process has changed the store '{path}' meanwhile. Nothing was removed; rerun the "
        "same command."
    )


def no_such_run(name: str, count: int) -> CmpnetError:
    runs = f"{count} run{'s' * (count != 1)}"
    return UnknownNameError(
        f"No run has an id that begins with '{name}'; 'cmpnet runs' lists the {runs} in the store."
    )


def filters_before_command(command: str) -> CmpnetError:
    return UsageError(
        f"--tag, --arm, --since and --json are options of 'cmpnet runs' itself, not of 'runs "
        f"{command}'; leave them out, or leave out '{command}'."
    )


def no_such_tag(run: str, tag: str, tags: Iterable[str]) -> CmpnetError:
    return UnknownNameError(f"Run {run} has no tag '{tag}'; its tags: {_listed(tags)}.")


def needs_yes() -> CmpnetError:
    return UsageError(
        "Nothing was removed, since there is no terminal to ask on; give --yes to remove without "
        "being asked."
    )


def empty_store(folder: Path) -> CmpnetError:
    return MissingFileError(
        f"The store '{folder}' has no results; train something first, for example with "
        "'cmpnet bench', or give the folder of another store with --store."
    )


# -- checkpoints ----------------------------------------------------------------------------------


def unreadable_checkpoint(path: Path, error: BaseException) -> CmpnetError:
    return _unreadable(error)(
        f"'{path}' cannot be read as a checkpoint: {_reason(error)}; give a file that "
        "'cmpnet train --save' wrote."
    )


def foreign_checkpoint(path: Path) -> CmpnetError:
    return UnreadableError(
        f"'{path}' has weights but does not name their network, so cmpnet did not save it; give a "
        "file that 'cmpnet train --save' wrote."
    )


def other_checkpoint(path: Path, schema: object, supported: int) -> CmpnetError:
    return VersionError(
        f"The checkpoint '{path}' has schema {schema}; this cmpnet reads schema {supported}. "
        "Use the version of cmpnet that saved it."
    )


def unfit_checkpoint(path: Path, reason: str) -> CmpnetError:
    return UsageError(
        f"The checkpoint '{path}' does not fit what is installed here: {reason.rstrip('.')}."
    )


# -- training -------------------------------------------------------------------------------------


def no_device(device: str, reason: str) -> CmpnetError:
    return UsageError(f"Device '{device}' cannot be used: {reason}; use --device cpu.")


def no_cpu_time(arm: str, device: str) -> CmpnetError:
    return UsageError(
        f"--time measures CPU time, and '{arm}' computes on '{device}'; leave out --time, or use "
        "--device cpu."
    )


def untimed(arm: str, cause: str) -> CmpnetError:
    return CmpnetError(f"'{arm}' was not timed: {cause.partition(chr(10))[0].rstrip('.')}.")


def bad_output(
    name: str, architecture: str, shape: tuple[int, ...] | None, promised: tuple[int, ...]
) -> CmpnetError:
    """``shape`` is that of the output, or None if it is missing."""
    is_wrong = "is missing" if shape is None else f"has shape {shape}"
    return PluginError(
        f"The output '{name}' of architecture '{architecture}' {is_wrong}; its record promises "
        f"{promised}."
    )


def bad_mapping(architecture: str, returned: str, promised: Iterable[str]) -> CmpnetError:
    """``returned`` is what the network returned instead, in words."""
    return PluginError(
        f"Architecture '{architecture}' returned {returned}; its network must return a mapping "
        f"from names to tensors, with {_listed(promised)}."
    )


def nothing_to_train(architecture: str) -> CmpnetError:
    return PluginError(
        f"Architecture '{architecture}' has no trainable parameters, so there is nothing to train; "
        "register its layers in __init__, and leave requires_grad on."
    )


def bad_loss(name: str, returned: str) -> CmpnetError:
    return PluginError(
        f"Loss '{name}' returned {returned}; it must return one number for the batch, as a tensor "
        "that depends on the output, such as values.mean()."
    )


def bad_factor(name: str, progress: float, factor: object) -> CmpnetError:
    return PluginError(
        f"Schedule '{name}' returned {reprlib.repr(factor)} for progress {progress:g}; it must "
        "return a finite number of at least 0."
    )


def bad_augmentation(name: str, returned: tuple[int, ...], given: tuple[int, ...]) -> CmpnetError:
    return PluginError(
        f"Augmentation '{name}' returned samples of shape {returned} for {given}; it must keep the "
        "shape."
    )


def bad_verdicts(task: str, returned: str, samples: int) -> CmpnetError:
    return PluginError(
        f"wrong() of task '{task}' returned {returned} for {samples} samples; it must return "
        f"bool ({samples},)."
    )


def unseen(metric: str, name: str, known: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"Metric '{metric}' asks for '{name}', which the task does not give."
        f"{nearest(name, known)} It gives {_listed(known)}; choose another --metric."
    )


def not_measured(label: str, metric: str, known: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"'{label}' was not measured with the metric '{metric}'.{nearest(metric, known)} It has "
        f"{_listed(known)}; give --metric to 'cmpnet bench' to measure with another."
    )


def not_ranked(label: str, metric: str) -> CmpnetError:
    return UsageError(
        f"'{label}' is left out: it was not measured with '{metric}'. Rank it by another metric "
        "with --metric, or train it again."
    )


def bad_metric_value(metric: str, value: object) -> CmpnetError:
    return PluginError(
        f"Metric '{metric}' returned {reprlib.repr(value)}; it must return one number."
    )


def beyond_limits(metric: str, value: float, low: float, high: float) -> CmpnetError:
    return PluginError(
        f"Metric '{metric}' returned {value:g}; its limits are {low:g} and {high:g}. Correct its "
        "function or its limits."
    )


def trains_here(executor: str) -> CmpnetError:
    return UsageError(
        f"'cmpnet train' trains in its own process, not with the executor '{executor}'; use "
        f"'cmpnet bench ARM --repeats 1 --executor {executor}'."
    )


def missing_package(what: str, package: str, alternative: str) -> CmpnetError:
    return MissingPackageError(
        f"{what} needs {package}; install it with pip install {package}, or use {alternative}."
    )


def no_matplotlib() -> CmpnetError:
    return MissingPackageError(
        "A picture file needs matplotlib; install it with pip install 'cmpnet[figures]', or leave "
        "out --save to see the picture in the terminal."
    )


def bad_executor(fault: str, repeats: str) -> CmpnetError:
    return PluginError(
        f"The executor {fault}: {repeats}. Finished repeats are in the store; use another "
        "--executor, and rerun the same command to resume."
    )


def too_large_kit(largest: str, size: int, allowed: int) -> CmpnetError:
    return UsageError(
        f"The files that other machines need have {size / 2**20:.0f} MB, '{Path(largest).name}' "
        f"most of all; at most {allowed / 2**20:.0f} MB are sent. Use the executor local."
    )


def stopped(by: str) -> CmpnetError:
    return CmpnetError(
        f"Stopped by {by}. Finished repeats are in the store; rerun the same command to resume."
    )


def cut_off(error: OSError) -> CmpnetError:
    return UnwritableError(
        f"Cannot write the output: {error.strerror}. Finished repeats are in the store."
    )
