"""Names that mean nothing, and records behind a name that are wrong."""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors.kinds import CmpnetError, PluginError, UnknownNameError, UsageError
from cmpnet.errors.wording import listed, nearest, text_of


def unknown_name(noun: str, name: str, names: Iterable[str], see: str = "list") -> CmpnetError:
    names = list(names)
    if name.startswith("-"):  # the next flag was taken for the value
        return UnknownNameError(
            f"The name of the {noun} is missing before '{name}'. Available: {listed(names, 40)}. "
            f"See 'cmpnet {see}'."
        )
    return UnknownNameError(
        f"There is no {noun} '{name}'.{nearest(name, names)} Available: {listed(names, 40)}. "
        f"See 'cmpnet {see}'."
    )


def ambiguous_name(noun: str, name: str, qualified: Iterable[str]) -> CmpnetError:
    return UnknownNameError(
        f"Several distributions register the {noun} '{name}'; use one of {listed(qualified)}."
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
        f"(its outputs: {listed(outputs)}); choose another loss with --loss."
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
        f"(it gives: {listed(gives)}); choose another loss with --loss."
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
        f"not have.{nearest(option, names)} Its options: {listed(names)}."
    )


def other_task(architecture: str, task: str, other: str) -> CmpnetError:
    return UsageError(f"'{architecture}' learns the task '{task}', not '{other}'.")


def shown_export(name: str) -> CmpnetError:
    return UsageError(f"'{name}' is an export; read it with 'cmpnet compare {name}'.")
