"""Every option of the arms that a command names is a flag of its own.

``cmpnet train my-net --width 16`` works for a plugin's option as ``--alpha`` does for ours, and
``cmpnet train my-net --help`` lists it with its default and its bounds.
"""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperOption
from typer.main import get_command

from cmpnet import arms, errors
from cmpnet.choices import parts_with
from cmpnet.cli import completion
from cmpnet.cli.common import disabled_plugins
from cmpnet.options import Option, training_options
from cmpnet.registry import Registry
from cmpnet.runtime.executors import executor_options
from cmpnet.spec import RECIPE_PARTS, Bounds
from cmpnet.syntax import assignments, read_sweeps

if TYPE_CHECKING:
    from collections.abc import Mapping

_FLAGS, _VALUES = "cmpnet.flags", "cmpnet.options"


class ArmCommand(TyperCommand):
    """A command about arms: its options are its own, those of training, and those of the arms."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Everything that the command line may give."""
        *own, help_option = super().get_params(ctx)
        return [*own, *ctx.meta.get(_FLAGS, ()), help_option]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line. Plugins are imported only for a flag that is not our own."""
        training = _flags(training_options(), "Training")
        ctx.meta[_FLAGS] = training
        if ctx.resilient_parsing:  # a shell completes: no plugin is imported for it
            return self._parse_for_completion(ctx, args, training)
        names = {name for param in self.get_params(ctx) for name in param.opts}
        unknown = {word.partition("=")[0] for word in args if word.startswith("--")} - names
        if unknown or _asks_for_help(args):
            ctx.meta[_FLAGS] = self._arm_flags(ctx, args, training)
        rest = super().parse_args(ctx, args)
        given = {flag.name: ctx.params.pop(flag.name) for flag in ctx.meta[_FLAGS]}
        ctx.meta[_VALUES] = {name: value for name, value in given.items() if value is not None}
        return rest

    def _parse_for_completion(self, ctx: Any, args: list[str], training: list[Any]) -> list[str]:
        """Read an unfinished command line; the flags of its arms are those in their source."""
        ctx.ignore_unknown_options = True
        words = [word for word in args if not word.startswith("-")]
        ctx.meta[completion.WORDS] = words
        names = completion.options_of_arms(ctx, words) + completion.options_of_parts(ctx, args)
        taken = {param.name for param in self.get_params(ctx)}
        options = {name: Option(name, str, None) for name in names if name not in taken}
        ctx.meta[_FLAGS] = [*training, *_flags(options, "Options")]
        return super().parse_args(ctx, args)

    def _arm_flags(self, ctx: Any, args: Sequence[str], training: list[Any]) -> list[Any]:
        """Flags of training and of the arms in an argument list that click cannot yet read."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        own, words, _ = parser.parse_args(list(args))
        named = own.get("architecture") or own.get("arms") or []
        words = [*([named] if isinstance(named, str) else named), *words]
        words_left = [word for word in words if word.startswith("--")]
        words = [word for word in words if word and not word.startswith("-")]
        registry = Registry(disabled_plugins(own.get("no_plugin")), own.get("plugin") or ())
        known = [word for word in words if arms.names_arm(registry, word)]
        if not known and words and words[0] == args[0]:
            registry.find("architecture", words[0])  # says that there is no such name
        if not known and self.name == "bench" and (own.get("suite") or not _asks_for_help(args)):
            from cmpnet import suites

            members = suites.members(registry, own.get("suite") or "table3")
            known = [text for member in members for text in member.arms]
        panels: dict[str, dict[str, Option]] = {}
        seen: set[str] = set()
        taken = {param.name for param in self.get_params(ctx)}
        typed = {name: value for name, value in _typed_flags(args) if name not in taken}
        typed |= assignments(own.get("option") or ())
        shared = arms.Shared({**typed, **_parts_chosen(own)}, own.get("loss"))
        for word in known:
            if (text := word.partition("[")[0]) in seen:
                continue
            seen.add(text)
            own_options = arms.options_by_part(word, registry, shared)
            recipe = own_options.pop("training")
            if len(known) == 1:  # the help shows the defaults of its recipe
                training = _flags(recipe, "Training")
            for part, options in own_options.items():
                title = "Training" if part in RECIPE_PARTS else f"Options of {text}"
                new = {n: o for n, o in options.items() if n not in taken}
                panels.setdefault(title, {}).update(new)
                taken |= new.keys()
        for word in words_left:
            option = word.partition("=")[0].removeprefix("--").replace("-", "_")
            for part, others in parts_with(option, registry).items() if known else ():
                if option not in taken:
                    chosen = shared.options.get(part, recipe[part].default)
                    has = own_options[part]
                    raise errors.option_of_others(option, part, others, str(chosen), has)
        if name := own.get("executor"):
            executor = executor_options(registry.executor(name))
            panels[f"Options of {name}"] = {n: o for n, o in executor.items() if n not in taken}
        own_flags = [_flags(panel, title) for title, panel in panels.items()]
        return [*training, *itertools.chain(*own_flags)]


def _parts_chosen(given: Mapping[str, Any]) -> dict[str, str]:
    """The optimizer, schedule and augmentation that flags, ``-o`` or else the first sweep give."""
    assigned = assignments(given.get("option") or ())
    swept = read_sweeps(given.get("sweep") or (), ())
    chosen = {
        part: assigned.get(part) or given.get(part) or swept.get(part, [None])[0]
        for part in RECIPE_PARTS
    }
    return {part: name for part, name in chosen.items() if name}


class BenchCommand(ArmCommand):
    """A bench, which also takes ``-L NAME VALUES``.

    Typer has no option that takes two words and may be repeated.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Everything that the command line may give."""
        params = super().get_params(ctx)
        sweep = next(param for param in params if param.name == "sweep")
        pairs = _Pairs(
            param_decls=["pairs_swept", "-L"],
            type_descriptor=sweep.type_descriptor,
            nargs=2,
            multiple=True,
            metavar="NAME V1,V2,...",
            help="Same as --sweep NAME=V1,V2,...",
            expose_value=False,
        )
        return [*params[:-1], pairs, params[-1]]


class _Pairs(TyperOption):
    def process_value(self, ctx: Any, value: Any) -> list[str]:
        ctx.meta["cmpnet.sweeps"] = ["=".join(pair) for pair in value or ()]
        return []


def given_options(ctx: typer.Context, assigned: Iterable[str] | None) -> dict[str, Any]:
    """Options of arms and training from their flags and from ``-o``.

    Raises:
        CmpnetError: an option is given twice.
    """
    flags: Mapping[str, Any] = ctx.meta[_VALUES]
    options = assignments(assigned or ())
    for name in options.keys() & flags.keys():
        raise errors.repeated_option(name)
    return {**flags, **options}


def given_sweeps(ctx: typer.Context, sweeps: Iterable[str] | None) -> list[str]:
    """Sweeps from ``--sweep`` and ``-L``."""
    return [*(sweeps or ()), *ctx.meta.get("cmpnet.sweeps", ())]


def _typed_flags(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Flags and values of an argument list, before it is known which flags there are."""
    for word, following in itertools.pairwise([*args, ""]):
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            yield name.replace("-", "_"), value if equals else following


def _asks_for_help(args: Sequence[str]) -> bool:
    return not {"-h", "--help"}.isdisjoint(args)


def _flags(options: Mapping[str, Option], panel: str) -> list[Any]:
    """Typer's own parameters for some options, in a panel of the help."""

    def command(**values: Any) -> None:
        """Typer reads the signature below."""

    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(one, panel)
        )
        for name, one in options.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return get_command(app).params


def _annotation(option: Option, panel: str) -> Any:
    """How Typer is to read an option: by its own type where it has one."""
    hint = get_args(option.hint)[0] if get_origin(option.hint) is Annotated else option.hint
    default = str(option.default).lower() if option.default is None else option.text(option.default)
    if option.default is inspect.Parameter.empty:
        default = "required"
    about: dict[str, Any] = {
        "help": option.doc[:1].upper() + option.doc[1:] or None,
        "show_default": default,
        "rich_help_panel": panel,
    }
    if hint in (int, float):
        for bounds in (note for note in option.notes if isinstance(note, Bounds)):
            about["min"] = bounds.low
            about["max"] = None if math.isinf(bounds.high) else bounds.high
    elif hint is bool:
        hint = Literal["true", "false"]
    elif not _is_choice(hint) and hint is not str:
        about |= {"parser": partial(_checked, option), "metavar": "VALUE"}
        hint = str
    if option.name in RECIPE_PARTS:
        about["autocompletion"] = completion.names_of(option.name)
    return Annotated[hint | None, typer.Option(f"--{option.flag}", **about)]


def _checked(option: Option, text: str) -> str:
    """The text, found to be a value: None would mean that the flag is not given.

    Raises:
        CmpnetError: it is not.
    """
    option.parse(text)
    return text


def _is_choice(hint: Any) -> bool:
    """Whether it is a Literal of texts: Typer lists these in the help."""
    return get_origin(hint) is Literal and all(isinstance(one, str) for one in get_args(hint))
