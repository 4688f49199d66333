"""The user's own data: what is read, how it is split, and the errors for wrong files."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cmpnet import CmpnetError
from cmpnet.tasks import images, tables
from cmpnet.tasks.classes import details, fingerprint, load, sampled, wrong
from cmpnet.testing import check_task
from tests.helpers import make_images, make_table

# -- what is read ---------------------------------------------------------------------------------


def write(path: str, text: str) -> str:
    Path(path).write_text(text)
    return path


def raw(data: str, **options: Any) -> tuple[np.ndarray, list[str]]:
    """Every sample of a file before it is standardised, with the name of its class."""
    from cmpnet.tasks.samples import samples

    read = samples(data, options.get("size"))
    return read.x, [read.classes[label] for label in read.labels]


ROWS = [(n, -n / 4, "ab"[n % 2]) for n in range(8)]
LINES = "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        "first,second,kind\n" + LINES,
        "\n\nfirst,second,kind\n\n" + LINES + "\n",
        "\ufefffirst,second,kind\r\n" + LINES.replace("\n", "\r\n"),
        "first;second;kind\n" + LINES.replace(",", ";"),
        "first\tsecond\tkind\n" + LINES.replace(",", "\t"),
        "Label,first,second\n" + "".join(f"{c},{a},{b}\n" for a, b, c in ROWS),
        "first,y,second\n" + "".join(f"{a},{c},{b}\n" for a, b, c in ROWS),
        'first,"the ""second"", in m",kind\n' + "".join(f'"{a}", {b} ,"{c}"\n' for a, b, c in ROWS),
    ],
)
def test_a_table_is_read_whatever_its_header_delimiter_and_column_of_classes(text: str) -> None:
    x, labels = raw(write("t.csv", text))
    assert x.tolist() == [[a, b] for a, b, _ in ROWS]
    assert labels == [c for _, _, c in ROWS]


@pytest.mark.parametrize("y", [["9", "10"] * 4, np.array([9, 10] * 4), np.array([9.0, 10] * 4)])
def test_the_arrays_of_an_npz_file_are_read_with_classes_as_numbers_or_texts(y: Any) -> None:
    x = np.arange(8 * 2 * 3).reshape(8, 2, 3)
    for name in ("X", "x"):
        np.savez("a.npz", **{name: x, "y": y})
        values, labels = raw("a.npz")
        np.testing.assert_array_equal(values, x)
        assert labels == ["9", "10"] * 4
        assert load(0, data="a.npz").classes == ("9", "10"), "in numerical order"


def test_a_folder_of_images_is_read_by_subfolder_grey_or_rgb() -> None:
    make_images("grey", classes=("cat", "dog"), each=3, size=(4, 5))
    Path("grey/cat/notes.txt").write_text("not an image")
    Path("grey/.hidden").mkdir()
    x, labels = raw("grey")
    assert x.shape == (6, 1, 5, 4)
    assert labels == ["cat"] * 3 + ["dog"] * 3
    np.testing.assert_array_equal(x[4, 0], np.asarray(Image.open("grey/dog/1.png")))
    make_images("mixed", classes=("cat", "dog"), each=3, size=(4, 5))
    Image.new("RGBA", (4, 5), (10, 20, 30, 255)).save("mixed/dog/1.png")
    x, _ = raw("mixed")
    assert x.shape == (6, 3, 5, 4)
    assert x[4, :, 0, 0].tolist() == [10, 20, 30]
    assert raw("mixed", size=2)[0].shape == (6, 3, 2, 2)


def test_images_of_16_bits_keep_their_shades() -> None:
    make_images("deep", classes=("a", "b"), each=3, size=(2, 1))
    for path in Path("deep").glob("*/*.png"):
        Image.fromarray(np.array([[0, 65_535]], np.uint16)).save(path)
    assert raw("deep")[0][0].tolist() == [[[0, 255]]]


# -- the split ------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["test", "validation"])
def test_each_class_is_split_60_20_20(on: str) -> None:
    data = load(3, data=make_table("t.csv", counts=(50, 30, 20)), on=on)
    assert np.bincount(data.train.targets["class"]).tolist() == [30, 18, 12]
    assert np.bincount(data.test.targets["class"]).tolist() == [10, 6, 4]
    assert data.classes == ("setosa", "versicolor", "virginica")
    assert data.train.x.dtype == data.test.x.dtype == np.float32


def test_the_rarest_class_has_a_sample_in_every_part() -> None:
    table = make_table("t.csv", counts=(3, 90, 4))
    for share in (0.01, 0.45):
        data = load(0, data=table, test_share=share)
        assert np.bincount(data.train.targets["class"]).min() >= 1
        assert np.bincount(data.test.targets["class"]).min() >= 1


def test_training_validation_and_test_samples_are_every_sample_once() -> None:
    table = make_table("t.csv", counts=(50, 30, 20))
    test, validation = (sampled(7, data=table, on=on)[:, 0] for on in ("test", "validation"))
    x, _ = raw(table)
    mean, sd = (f(np.delete(x, [*test, *validation], 0), 0) for f in (np.mean, np.std))
    for on, rows in (("test", test), ("validation", validation)):
        data = load(7, data=table, on=on)
        np.testing.assert_allclose(data.test.x, (x[rows] - mean) / sd, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(
            data.train.x,
            (np.delete(x, [*test, *validation], 0) - mean) / sd,
            rtol=1e-5,
            atol=1e-5,
        )


def test_columns_of_a_table_are_standardised_one_by_one_and_images_together() -> None:
    train = load(1, data=make_table("t.csv")).train.x
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(0), 1, atol=1e-6)
    make_images("f", classes=("a", "b"), each=10, size=(3, 3))
    train = load(1, data="f").train.x
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-6)
    assert train.mean(0).std() > 0.01


def test_a_constant_column_and_one_far_from_0_are_standardised() -> None:
    rows = "".join(f"0.1,{1.7e9 + n},{'ab'[n % 2]}\n" for n in range(40))
    train = load(0, data=write("t.csv", rows)).train.x
    np.testing.assert_allclose(train[:, 0], 0, atol=1e-12)
    assert train[:, 1].std() == pytest.approx(1, abs=1e-4)


def test_the_task_keeps_the_contract() -> None:
    check_task("classes", data=make_table("t.csv", counts=(40, 40)))


# -- the identity ---------------------------------------------------------------------------------


def test_the_fingerprint_is_of_the_content_and_follows_every_change() -> None:
    table = make_table("t.csv")
    first = fingerprint(data=table)
    x, labels = raw(table)
    np.savez("t.npz", X=x, y=labels)
    assert fingerprint(data="t.npz") == first, "in another format"
    assert fingerprint(data=table, test_share=0.4) == first, "the share is an option"
    Path(table).write_text(Path(table).read_text().replace("setosa", "Setosa"))
    assert fingerprint(data=table) != first
    np.savez("t.npz", X=x + 1e-9, y=labels)
    assert fingerprint(data="t.npz") != first


def test_the_fingerprint_of_a_folder_follows_its_images() -> None:
    make_images("f", classes=("a", "b"), each=3, size=(3, 3))
    first = fingerprint(data="f")
    Image.new("L", (3, 3), 77).save("f/a/1.png")
    changed = fingerprint(data="f")
    make_images("f", classes=("c",), each=3, size=(3, 3))
    assert len({first, changed, fingerprint(data="f")}) == 3


# -- errors and details ---------------------------------------------------------------------------


def test_a_sample_is_wrong_if_another_class_has_the_largest_score() -> None:
    scores = np.array([[2.0, 1, 0], [0, 0, 3], [5, 4, 3]])
    targets = {"class": np.array([0, 1, 2])}
    assert wrong({"scores": scores}, targets).tolist() == [False, True, True]


def test_the_confusion_matrix_counts_true_by_row_and_predicted_by_column() -> None:
    scores = np.array([[2.0, 1, 0], [0, 0, 3], [5, 4, 3], [5, 4, 3]])
    matrix = details({"scores": scores}, {"class": np.array([0, 1, 2, 2])}, np.array([1, 2, 3]))
    assert matrix["confusion"].tolist() == [[1, 0, 0], [0, 0, 1], [2, 0, 0]]
    many = np.zeros((2, 101))
    assert details({"scores": many}, {"class": np.array([0, 1])}, np.array([1])) == {}


# -- wrong files ----------------------------------------------------------------------------------


def table(*lines: str, name: str = "t.csv") -> Callable[[], str]:
    return lambda: write(name, "\n".join(lines))


def rows(count: int, label: str) -> list[str]:
    return [f"{n},{n * n},{label}" for n in range(count)]


def arrays(**values: Any) -> Callable[[], str]:
    def make() -> str:
        np.savez("a.npz", **values)
        return "a.npz"

    return make


def folder(change: Callable[[], object]) -> Callable[[], str]:
    def make() -> str:
        make_images("f", classes=("a", "b"), each=3, size=(8, 8))
        change()
        return "f"

    return make


def content(name: str, text: bytes) -> Callable[[], str]:
    def make() -> str:
        Path(name).write_bytes(text)
        return name

    return make


def truncated() -> str:
    arrays(X=np.ones((600, 4)), y=[0, 1] * 300)()
    return content("a.npz", Path("a.npz").read_bytes()[:-200])()


def prefixed() -> str:
    """An archive that zipfile reads, but numpy takes for a pickle."""
    arrays(X=np.ones((6, 4)), y=[0, 1] * 3)()
    return content("a.npz", b"x" + Path("a.npz").read_bytes())()


def flipped() -> str:
    np.savez("a.npz", X=np.ones((600, 4)), y=[0, 1] * 300)
    damaged = bytearray(Path("a.npz").read_bytes())
    damaged[1000] ^= 1
    return content("a.npz", bytes(damaged))()


def huge() -> str:
    """An .npz file of 1 KB that claims to have 800 GB."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**11,)}
    )
    with zipfile.ZipFile("a.npz", "w") as archive:
        archive.writestr("X.npy", header.getvalue())
        archive.writestr("y.npy", header.getvalue())
    return "a.npz"


def pipe() -> str:
    os.mkfifo("pipe.csv")
    return "pipe.csv"


def gif(pixels: int) -> bytes:
    side = pixels.to_bytes(2, "little")
    return b"GIF89a" + side + side + b"\x00\x00\x00," + bytes(4) + side + side + b"\x00\x08\x00;"


X, Y = np.arange(24.0).reshape(12, 2), [0, 1] * 6
OBJECTS = np.array([{"a": 1}] * 12, object)
GOOD = ["a,b,label", *rows(3, "p"), *rows(3, "q")]
WRONG: dict[str, tuple[Callable[[], str], str]] = {
    "missing": (lambda: "none.csv", "none.csv' do not exist; --data takes a .csv file"),
    "below a file": (lambda: table(*GOOD)() + "/x.csv", "do not exist"),
    "pipe": (pipe, "it is not a regular file"),
    "unknown ending": (table(*GOOD, name="t.xlsx"), "its name ends in '.xlsx'; give a .csv file"),
    "no ending": (table(*GOOD, name="t"), "its name has no ending"),
    "size of a table": (table(*GOOD), "leave --size out"),
    # tables
    "empty": (table(), "it is empty; give a table with one sample per row"),
    "header only": (table("a,b,label"), "it has a header but no rows"),
    "one column": (table("a", "1", "2"), "its rows have one column"),
    "duplicate header": (table("a,a,label", *rows(3, "p")), "has the column 'a' 2 times"),
    "unnamed column": (table(",b,label", *rows(3, "p")), "column 1 has no name in its header"),
    "two labels": (table("a,label,y", *rows(3, "p")), "columns 'label' and 'y' could all be"),
    "text": (
        table("a,b,label", "1,2,p", "", "1,abc,p"),
        "row 4, column 'b' is 'abc', not a",
    ),
    "text without header": (table("1,2,p", "x,3,q"), "row 2, column 1 is 'x', not a number"),
    "long text": (table("1,2,p", "x" * 99 + ",3,q"), "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"),
    "escape": (table("a\x1b,b,label", "\x1b[2J,2,p"), r"column 'a\x1b' is '\x1b[2J', not"),
    "empty cell": (table("a,b,label", "1,,p"), "row 2, column 'b' is empty; fill it in"),
    "no class": (table("a,b,label", "1,2,"), "row 2 has no class"),
    "NaN": (table("a,b,label", "nan,2,p"), "row 2, column 'a' is 'nan', not a finite number"),
    "infinity": (table("a,b,label", "1,-inf,p"), "column 'b' is '-inf', not a finite number"),
    "overflow": (table("a,b,label", "1,1e31,p"), "'1e31', not a number from -1e+30 to 1e+30"),
    "ragged": (table("a,b,label", "1,2,p", "1,p"), "row 3 has 2 columns instead of 3"),
    "not UTF-8": (content("t.csv", "é,b\n1,2\n".encode("latin-1")), "it is not UTF-8 text"),
    "long cell": (table("a,b,label", f"{'1' * 200_000},2,p"), "it is not a table: field larger"),
    "one class": (table(*rows(6, "p")), "all of its samples have the class 'p'"),
    "rare class": (table(*rows(6, "p"), *rows(2, "q")), "class 'q' has fewer than 3 samples"),
    "measurements": (
        table(*(f"{n},{n},{n / 7}" for n in range(9))),
        "9 of its 9 classes have",
    ),
    "control character": (table(*rows(3, "p\x07"), *rows(3, "q")), r"the name 'p\x07' of a class"),
    "huge table": (table(*GOOD), "a .csv file may have 0; save it as .npz"),
    # arrays
    "no npz": (content("a.npz", b"PK\3\4 no"), "it is not an .npz file or is damaged"),
    "prefixed": (prefixed, "it is not an .npz file or is damaged"),
    "truncated": (truncated, "it is not an .npz file or is damaged"),
    "bad checksum": (flipped, "it is not an .npz file or is damaged"),
    "huge shape": (huge, "its array X cannot be read"),
    "no y": (arrays(X=X, labels=Y), "its arrays are 'X', 'labels'; save it with numpy.savez"),
    "no X": (arrays(y=Y), "its arrays are 'y'"),
    "objects in X": (arrays(X=OBJECTS, y=Y), "its array X has Python objects, which may run code"),
    "objects in y": (arrays(X=X, y=OBJECTS), "its array y has Python objects"),
    "lengths": (arrays(X=X, y=Y[1:]), "X has 12 samples and y has 11"),
    "NaN in X": (arrays(X=np.where(X == 5, np.nan, X), y=Y), "X[2, 1] is nan, not a number from"),
    "infinite image": (arrays(X=np.full((12, 2, 2), np.inf), y=Y), "X[0, 0, 0] is inf, not a"),
    "complex": (arrays(X=X * 1j, y=Y), "X has the type complex128; save real numbers"),
    "text in X": (arrays(X=X.astype(str), y=Y), "X has the type <U"),
    "one dimension": (arrays(X=X[:, 0], y=Y), "X has the shape (12,)"),
    "no samples": (arrays(X=X[:0], y=Y[:0]), "X has the shape (0, 2)"),
    "one-hot": (arrays(X=X, y=np.eye(12)), "y has the shape (12, 12); save one class per sample"),
    "fractions": (arrays(X=X, y=np.linspace(0, 1, 12)), "y has numbers that are not whole"),
    "NaN in y": (arrays(X=X, y=np.full(12, np.nan)), "y has numbers that are not whole"),
    "bytes in y": (arrays(X=X, y=np.array([b"a", b"b"] * 6)), "y has the type |S1"),
    "one class in y": (arrays(X=X, y=[1] * 12), "all of its samples have the class '1'"),
    "huge arrays": (arrays(X=X, y=Y), "million numbers; give at most 0 million"),
    # folders
    "no subfolders": (lambda: str(Path("empty").mkdir() or "empty"), "it has no subfolders"),
    "no images": (folder(lambda: Path("f/c").mkdir()), "its subfolder 'c' has no images"),
    "other size": (
        folder(lambda: Image.new("L", (9, 8)).save("f/b/1.png")),
        "'b/1.png' has 9 x 8 pixels, 'a/0.png' 8 x 8; resize all of them with --size",
    ),
    "no image": (folder(lambda: Path("f/a/0.png").write_text("x")), "'a/0.png' is not an image"),
    "damaged image": (
        folder(lambda: Path("f/a/0.png").write_bytes(Path("f/a/0.png").read_bytes()[:60])),
        "'a/0.png' is damaged",
    ),
    "bomb": (folder(lambda: Path("f/a/0.gif").write_bytes(gif(20_000))), "has too many pixels"),
    "few images": (folder(lambda: os.remove("f/b/2.png")), "class 'b' has fewer than 3 samples"),
    "huge folder": (
        folder(lambda: None),
        "give at most 0 million, with a smaller --size",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_with_a_sentence(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, message = WRONG[kind]
    data = make()
    if kind.startswith("huge "):
        monkeypatch.setattr(tables, "MOST_CSV", 10)
        monkeypatch.setattr(tables, "MOST_NUMBERS", 10)
        monkeypatch.setattr(images, "MOST_NUMBERS", 10)
    with pytest.raises(CmpnetError) as caught:
        fingerprint(data=data, size=3 if kind == "size of a table" else None)
    text = str(caught.value)
    assert message in text
    assert text.endswith(".")
    assert text.isprintable()
    assert caught.value.exit_code == 2


def test_without_data_the_task_says_what_to_give() -> None:
    for call in (lambda: load(0), fingerprint, lambda: sampled(0, data="")):
        with pytest.raises(CmpnetError, match="no data of its own; give --data PATH"):
            call()


def test_without_pillow_a_folder_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    make_images("f", classes=("a", "b"), each=3, size=(2, 2))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(CmpnetError, match=r"pip install 'cmpnet\[images\]'"):
        load(0, data="f")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named() -> None:
    Path(make_table("t.csv")).chmod(0)
    with pytest.raises(CmpnetError, match="permission denied"):
        load(0, data="t.csv")
