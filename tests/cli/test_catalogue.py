"""``list`` and ``show`` as a user calls them."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from cmpnet.descriptions import describe
from cmpnet.registry import GROUPS, Registry, record_options
from tests.helpers import QUICK, TINY, call, make_plugin


def row_of(table: str, name: str) -> str:
    """The row of a name in a printed table."""
    (row,) = [line for line in table.splitlines() if line.split()[:1] == [name]]
    return " ".join(row.split())


def test_list_says_what_everything_is_and_with_owners_whose() -> None:
    done = call("list")
    assert done.returncode == 0
    for name in ("ws-plain", "aux-scheduled", "digit-pairs", "local", "table3"):
        assert len(row_of(done.stdout, name).split()) > 3, "there is a summary"
    about = "weight sharing with BatchNorm and dropout"
    assert row_of(done.stdout, "ws") == f"ws digit-pairs {about}"
    assert "\x1b" not in done.stdout
    owned = call("list", "architectures", "--owners").stdout
    assert row_of(owned, "ws") == f"ws cmpnet {version('cmpnet')} cmpnet.models.digits"


def test_the_listed_summary_task_and_options_are_those_of_the_record() -> None:
    registry = Registry()
    for noun in GROUPS.keys() - {"suite", "executor"}:
        for entry in registry.entries(noun):
            record = registry.load(entry)
            about = describe(registry, entry)
            assert about.summary == record.summary  # type: ignore[attr-defined]
            assert about.task == getattr(record, "task", "")
            assert about.loss == getattr(record, "loss", "")
            if noun != "metric":
                assert set(about.options) == record_options(record).keys()  # type: ignore[arg-type]


def test_a_summary_is_found_through_imports_and_left_out_where_it_is_computed(site: Path) -> None:
    make_plugin(
        site,
        "far-plugin",
        """
        raise SystemExit("imported")
        from far_records import THERE, Class as Runs
        COMPUTED = Loss(name="computed", summary=" ".join(["a", "b"]), fn=fn)
        LOST = THERE
        """,
        {
            "losses": {"there": "THERE", "computed": "COMPUTED", "lost": "NOWHERE"},
            "executors": {"far": "Runs"},
        },
    )
    (site / "far_records.py").write_text(
        'THERE: object = Loss(name="there", summary="what is elsewhere", fn=fn)\n'
        'class Class:\n    """Runs far away.\n\n    Slowly.\n    """\n'
    )
    done = call("list", "losses")
    assert done.returncode == 0
    assert row_of(done.stdout, "there") == "there what is elsewhere"
    assert row_of(done.stdout, "computed") == "computed"
    assert row_of(done.stdout, "lost") == "lost"
    assert row_of(call("list", "executors").stdout, "far") == "far Runs far away."


def test_list_counts_parameters_on_demand(site: Path) -> None:
    code = TINY.replace("return Net(width)", "raise SystemExit(3)")
    make_plugin(site, "leaver", code, {"architectures": {"tiny": "TINY"}})
    listed = call("list", "architectures", "--parameters").stdout
    assert row_of(listed, "minidl-relu").endswith(f" {75 + 2 * 650 + 26:,}")
    assert row_of(listed, "linear").endswith("by the data")
    assert row_of(listed, "tiny").endswith("cannot be built")


def test_list_check_shows_a_broken_plugin_with_its_reason(site: Path) -> None:
    make_plugin(site, "bad-plugin", "1 / 0", {"losses": {"bad": "BAD"}})
    plain = call("list", "losses", "--owners")
    assert "bad-plugin" in plain.stdout
    assert "ZeroDivisionError" not in plain.stdout
    checked = call("list", "losses", "--check")
    assert "ZeroDivisionError" in checked.stdout
    assert checked.returncode == 0
    off = call("list", "losses", "--owners", "--no-plugin", "bad-plugin")
    assert "\n bad " not in off.stdout
    env = {"CMPNET_DISABLE_PLUGINS": "bad-plugin"}
    assert call("list", "losses", "--owners", environment=env).stdout == off.stdout


def test_show_gives_source_options_bounds_and_layers_that_add_up() -> None:
    done = call("show", "ws-aux")
    assert done.returncode == 0, done.stderr
    for piece in (
        "Report 2, section D",
        "dropout2d",
        "a number from 0 to 1",
        "aux-discounted",
        "ConvPool",
        "32 x 6 x 6",
    ):
        assert piece in done.stdout
    rows = done.stdout[done.stdout.index("Layer") :].splitlines()
    counts = [
        int(row.split()[-1].replace(",", ""))
        for row in rows
        if row.split()[-1:] and row.split()[-1].replace(",", "").isdigit()
    ]
    assert sum(counts[:-1]) == counts[-1] > 0


@pytest.mark.parametrize("name", ["aux-scheduled", "digit-pairs", "table3", "ce"])
def test_show_works_for_every_kind_of_name(name: str) -> None:
    done = call("show", name)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


FAULTS = {
    "no default": ("width: int = 4", "width: int"),
    "'NoSuch' is not defined": ("width: int = 4", "width: NoSuch = 4"),
    "There is no task": ('task="digit-pairs"', 'task="nowhere"'),
    "No module named": ('loss="ce"', 'loss="ce", learner="nowhere:L"'),
}


@pytest.mark.parametrize("reason", FAULTS)
def test_a_faulty_plugin_is_refused_in_a_sentence_and_reported_by_list_check(
    reason: str, site: Path
) -> None:
    code = TINY.replace(*FAULTS[reason])
    make_plugin(site, "faulty", code, {"architectures": {"tiny": "TINY"}})
    done = call("bench", "tiny", *QUICK)
    assert done.returncode == 2
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    checked = call("list", "architectures", "--check").stdout
    row = " ".join(checked[checked.index("tiny") :].split())
    assert "broken" in row


def test_show_refuses_a_network_that_cannot_be_built_in_a_sentence(site: Path) -> None:
    code = TINY.replace("return Net(width)", "raise SystemExit(3)")
    make_plugin(site, "leaver", code, {"architectures": {"tiny": "TINY"}})
    done = call("show", "tiny")
    assert done.returncode == 2
    assert "leaver 1.0" in done.stderr


VERSION_1 = {
    "architectures": TINY.replace('outputs={"verdict": (2,)}', 'gives={"verdict": "(B, 2)"}'),
    "losses": """
        from cmpnet import Loss
        TINY = Loss(name="tiny", summary="", fn=lambda output, batch: 0, needs=("verdict",),
                    learner="cmpnet.learners.torch:TorchLearner")
    """,
}


@pytest.mark.parametrize(
    ("group", "arguments"),
    [("architectures", ("train", "tiny")), ("losses", ("train", "ws", "--loss", "tiny"))],
)
def test_a_plugin_for_version_1_is_refused_and_other_names_keep_working(
    site: Path, group: str, arguments: tuple[str, ...]
) -> None:
    make_plugin(site, "old-plugin", VERSION_1[group], {group: {"tiny": "TINY"}}, version="0.9")
    done = call(*arguments, *QUICK)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: 'tiny' of old-plugin 0.9 cannot be used: it is made for version 1 of the plugin "
        "interface, this cmpnet has 2; install matching versions.\n"
    )
    checked = call("list", group, "--check")
    assert checked.returncode == 0
    assert "version 1 of the plugin" in " ".join(checked.stdout.split())
    assert call("train", "ws", *QUICK).returncode == 0
