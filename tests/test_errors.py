"""Errors are sentences, carry an exit code, and are caught as the standard type too."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from cmpnet import CmpnetError, errors


@pytest.mark.parametrize(
    ("error", "standard"),
    [
        (errors.bad_arm("x"), ValueError),
        (errors.unknown_name("loss", "x", ["ce"]), LookupError),
        (errors.no_data_folder(Path("nowhere")), FileNotFoundError),
        (errors.unreadable_export("x.json", FileNotFoundError(2, "none")), FileNotFoundError),
        (errors.unreadable_export("x.json", "it is not JSON"), OSError),
        (errors.unwritable("x.json", "export", OSError(30, "read-only")), OSError),
        (errors.newer_export("x.json", 9, 1), RuntimeError),
        (errors.broken_plugin("x", "plugin", "1.0", KeyError("y")), RuntimeError),
        (errors.missing_package("A data frame", "pandas", "to_records()"), ImportError),
    ],
)
def test_an_error_is_caught_as_the_standard_type_and_survives_pickling(
    error: CmpnetError, standard: type[Exception]
) -> None:
    assert isinstance(error, CmpnetError)
    assert isinstance(error, standard)
    assert error.exit_code == 2
    assert str(error).endswith(".")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_error_during_a_run_exits_1_and_any_other_2() -> None:
    with pytest.raises(CmpnetError) as caught, errors.during_run():
        raise errors.bad_arm("x")
    assert caught.value.exit_code == 1
    assert errors.bad_arm("x").exit_code == 2


def test_a_broken_plugin_can_be_disabled_but_not_a_record_of_the_callers_own() -> None:
    of_plugin = errors.broken_plugin("x", "plugin", "1.0", ValueError("no."))
    assert str(of_plugin) == (
        "'x' of plugin 1.0 raised ValueError: no. Fix or uninstall plugin, or disable it with "
        "--no-plugin plugin."
    )
    assert str(errors.broken_plugin("x", "", "", ValueError())) == "'x' raised ValueError."


def test_long_lists_of_names_are_shortened() -> None:
    labels = [f"a{n:02}" for n in range(100)]
    assert "a10, a11 and 88 more." in str(errors.unused_option("x", labels))
