"""Arbitrary calls and damaged files: a sentence and exit 0, 1 or 2, and no file is touched."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import ROOT, call
from tests.tasks.test_mnist import make_folder

few = settings(
    max_examples=40,
    derandomize=True,  # the same calls in every run: a failure is one of the code, not of luck
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
many = settings(few, max_examples=600)

TRAIN = ("--epochs", "1", "--pairs", "20")
BENCH = (*TRAIN, "--repeats", "1", "--workers", "1")
BOUNDS = {
    "train": TRAIN,
    "bench": BENCH,
}  # added to every such call, so that it is a small one


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one of everything that a user may have."""
    folder = tmp_path_factory.mktemp("things")
    make_folder(folder / "data", digits=60)
    (folder / "letter.txt").write_text("Dear friend")
    store = ("--store", str(folder / "store"), "-q", "--no-plot")
    files = ("--save", str(folder / "net.safetensors"), "--export-json", str(folder / "net.json"))
    assert call("train", "ws", *TRAIN, "-o", "hidden=8", *files, *store).returncode == 0
    export = ("--export-json", str(folder / "bench.json"))
    assert call("bench", "baseline", "ws-aux", *BENCH, *export, *store).returncode == 0
    return folder


@pytest.fixture
def copied(things: Path) -> Path:
    """A copy of all that, which is the current folder."""
    shutil.copytree(things, ".", dirs_exist_ok=True)
    return Path.cwd()


def contents(*less: str) -> dict[str, bytes]:
    """Every file here by name, but those that begin so."""
    return {
        str(path): path.read_bytes()
        for path in sorted(Path().rglob("*"))
        if path.is_file() and not str(path).startswith(less)
    }


WORDS = """
    train bench list show plot runs evaluate compare reproduce bench.json --where -L --reference
    --export-csv --help -- - baseline ws ws-aux ws[hidden=4]
    ws-aux:aux-scheduled[alpha=0.5] minidl-relu ce aux-constant table3 losses errors compare map
    pairs alpha --sweep --hidden alpha=0,1 --repeats --seed --suite --loss -o --alpha --workers
    --executor --epochs --lr
    --optimizer --device --pairs --data-dir --store --fresh --export-json --save --no-plot --quiet
    --verbose --fail-fast --check --no-plugin --width --height --train --terminal --version
    --points 0 1 -1 0.5 1e400 nan 99999999999999999999 adam cuda cpu local hidden=4 alpha=0.5
    alpha= = lr=0 epochs=1 pairs=20 data-dir=data ws[epochs=1] head=difference
    loss.alpha=1 data letter.txt net.safetensors store new
    no/such/place out.json out.svg
"""
words = st.sampled_from(["", *WORDS.split()])
text = st.text(st.characters(exclude_characters="\0"), max_size=12)  # no argument can hold \0
arguments = st.lists(st.one_of(words, words, words, text), max_size=7)
commands = st.sampled_from(
    ["train", "bench", "show", "plot", "evaluate", "compare", "reproduce", "list", "runs"]
)


def check_call(copied: Path, command: str, given_words: list[str]) -> None:
    # What is named as an output may be written; nothing else of the user's.
    outputs = [
        after
        for option, after in itertools.pairwise(given_words)
        if option == "--save" or option == "--store" or option.startswith("--export")
    ]
    outputs += [w.partition("=")[2] for w in given_words if w.startswith("--") and "=" in w]
    kept = ("store", "new", ".cmpnet", "out.", *filter(None, outputs))
    before = contents(*kept)
    call(command, *given_words, *BOUNDS.get(command, ()))
    after = contents(*kept)
    assert before.items() <= after.items()


@few
@given(commands, arguments)
def test_an_arbitrary_call_is_never_a_traceback(
    copied: Path, command: str, given_words: list[str]
) -> None:
    check_call(copied, command, given_words)


@pytest.mark.slow
@many
@given(commands, arguments)
def test_many_arbitrary_calls_are_never_a_traceback(
    copied: Path, command: str, given_words: list[str]
) -> None:
    check_call(copied, command, given_words)


damages = st.tuples(
    st.sampled_from(["flip", "cut", "insert", "overwrite", "empty", "replace"]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=40),
)


def damage(path: Path, whole: bytes, how: tuple[str, float, bytes]) -> bytes:
    """Write a damaged copy of a file's content in its place."""
    kind, where, junk = how
    at = int(where * len(whole))
    hurt = {
        "flip": whole[:at] + bytes([whole[at] ^ (junk[0] or 1)]) + whole[at + 1 :],
        "cut": whole[:at],
        "insert": whole[:at] + junk + whole[at:],
        "overwrite": whole[:at] + junk + whole[at + len(junk) :],
        "empty": b"",
        "replace": junk,
    }[kind]
    path.write_bytes(hurt)
    return hurt


STORE = Path("store/results.sqlite")
LOOKS = [("runs",), ("plot", "compare"), ("plot", "errors"), ("plot", "confusion", "ws-aux")]


def check_store(things: Path, how: tuple[str, float, bytes]) -> None:
    hurt = damage(STORE, (things / STORE).read_bytes(), how)
    for look in LOOKS:
        code = call(*look, "--store", "store").returncode
        if hurt:  # an empty file is a new store's
            assert STORE.read_bytes() == hurt
    code = call("train", "baseline", *TRAIN, "--store", "store", "-q").returncode
    if code == 2:
        assert STORE.read_bytes() == hurt
    for left in STORE.parent.glob("results.sqlite?*"):
        left.unlink()


@few
@given(damages)
def test_a_damaged_store_is_never_a_traceback(
    things: Path, copied: Path, how: tuple[str, float, bytes]
) -> None:
    check_store(things, how)


@pytest.mark.slow
@many
@given(damages)
def test_many_damaged_stores_are_never_a_traceback(
    things: Path, copied: Path, how: tuple[str, float, bytes]
) -> None:
    check_store(things, how)


@few
@given(damages)
def test_a_damaged_checkpoint_is_never_a_traceback(
    things: Path, copied: Path, how: tuple[str, float, bytes]
) -> None:
    path = Path("net.safetensors")
    hurt = damage(path, (things / path).read_bytes(), how)
    for command in ("show", "evaluate"):
        call(command, str(path))
        assert path.read_bytes() == hurt


IDX = st.sampled_from(["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])


@few
@given(IDX, damages)
def test_damaged_data_is_never_a_traceback(
    things: Path, copied: Path, name: str, how: tuple[str, float, bytes]
) -> None:
    path = Path("data") / name
    hurt = damage(path, (things / path).read_bytes(), how)
    call("train", "baseline", *TRAIN, "--data-dir", "data", "-q", "--no-plot")
    assert path.read_bytes() == hurt
    path.write_bytes((things / path).read_bytes())


SUITE = (ROOT / "cmpnet" / "suites" / "table4.toml").read_bytes()


@few
@given(damages)
def test_a_damaged_suite_is_never_a_traceback(copied: Path, how: tuple[str, float, bytes]) -> None:
    path = Path("mine.toml")
    hurt = damage(path, SUITE, how)
    call("show", str(path))
    call("bench", "--suite", str(path), *BENCH, "--repeats", "0")
    assert path.read_bytes() == hurt


@few
@given(damages)
def test_a_damaged_export_is_never_a_traceback(
    things: Path, copied: Path, how: tuple[str, float, bytes]
) -> None:
    path = Path("bench.json")
    hurt = damage(path, (things / path).read_bytes(), how)
    call("compare", str(path))
    call("compare", "baseline", str(path), "--store", "store")
    assert path.read_bytes() == hurt
