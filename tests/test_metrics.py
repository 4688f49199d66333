"""Metrics: their numbers, and how they decide tables, claims, plots and exports."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

import cmpnet
from cmpnet import metrics
from cmpnet.output.csv_export import to_csv
from cmpnet.plots import Screen
from tests.helpers import QUICK, call, make_table

RANDOM = np.random.default_rng(7)
SCORES = RANDOM.normal(size=(200, 3))
PROBABILITIES = np.exp(SCORES) / np.exp(SCORES).sum(1, keepdims=True)
TRUTH = RANDOM.integers(3, size=200)


# -- numbers --------------------------------------------------------------------------------------


def test_cross_entropy_is_that_of_torch() -> None:
    expected = torch.nn.functional.cross_entropy(torch.tensor(SCORES), torch.tensor(TRUTH)).item()
    assert metrics.cross_entropy(np.log(PROBABILITIES), TRUTH) == pytest.approx(expected)


@pytest.mark.parametrize("digits", [1, 6], ids=["many ties", "no ties"])
def test_auc_is_mann_whitneys_u_over_the_number_of_pairs(digits: int) -> None:
    rounded, areas = PROBABILITIES.round(digits), []
    for one in range(3):
        scores = rounded[:, one]
        positive, others = scores[one == TRUTH], scores[one != TRUTH]
        u = stats.mannwhitneyu(positive, others).statistic
        areas.append(u / (len(positive) * len(others)))
    assert metrics.auc(rounded, TRUTH) == pytest.approx(np.mean(areas))
    two = np.stack([1 - rounded[:, 0], rounded[:, 0]], 1)
    assert metrics.auc(two, (TRUTH == 0).astype(int)) == pytest.approx(areas[0])


def test_auc_has_no_meaning_with_a_single_class() -> None:
    assert math.isnan(metrics.auc(PROBABILITIES[:, :2], np.zeros(200, int)))


def test_macro_f1_counts_every_class_alike() -> None:
    truth = np.array([0, 0, 0, 0, 1, 1])
    predicted = np.array([0, 0, 0, 1, 1, 0])
    # Class 0: 3 hits of 4 and 4; class 1: 1 hit of 2 and 2. Class 2 is nowhere.
    expected = ((2 * 3 / 8) + (2 * 1 / 4)) / 2
    assert metrics.macro_f1(np.eye(3)[predicted], truth) == pytest.approx(expected)


def test_calibration_error_is_the_mean_gap_between_accuracy_and_confidence() -> None:
    # Four samples at 0.9 of which two are right, six at 0.6 of which all are.
    confidence = np.array([0.9] * 4 + [0.6] * 6)
    probabilities = np.stack([confidence, 1 - confidence], 1)
    truth = np.array([0, 0, 1, 1, *[0] * 6])
    expected = 0.4 * abs(0.5 - 0.9) + 0.6 * abs(1 - 0.6)
    assert metrics.calibration_error(probabilities, truth) == pytest.approx(expected)
    certain = np.eye(2)[[0, 1]]
    assert metrics.calibration_error(certain, np.array([0, 1])) == 0


def test_errors_of_numbers_are_those_of_torch() -> None:
    one, other = (torch.tensor(RANDOM.normal(size=50)) for _ in range(2))
    mse = torch.nn.functional.mse_loss(one, other).item()
    assert metrics.rmse(one.numpy(), other.numpy()) == pytest.approx(mse**0.5)
    l1 = torch.nn.functional.l1_loss(one, other).item()
    assert metrics.mae(one.numpy(), other.numpy()) == pytest.approx(l1)


# -- what decides ---------------------------------------------------------------------------------

TINY = {"epochs": 1, "pairs": 60}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench of two arms with three repeats."""
    folder = tmp_path_factory.mktemp("store")
    cmpnet.bench(["baseline", "ws"], repeats=3, workers=1, store=folder, **TINY)
    return folder


def test_a_repeat_is_measured_with_all_metrics_of_its_task(store: Path) -> None:
    for arm in cmpnet.load(store).arms:
        for repeat in arm.ok():
            assert [*repeat.metrics] == ["cross-entropy", "macro-f1", "auc", "ece"]
            assert all({*parts} == {"train", "test"} for parts in repeat.metrics.values())


def test_a_stored_bench_is_decided_by_another_metric_without_training(store: Path) -> None:
    results = cmpnet.load(store, metric="auc")
    repeats = [arm.ok() for arm in results.arms]
    values = [[r.metrics["auc"]["test"] for r in own] for own in repeats]
    (row,) = results.compare()
    expected = stats.ttest_rel(values[1], values[0])
    assert row.comparison.difference == pytest.approx(np.mean(values[1]) - np.mean(values[0]))
    assert row.comparison.p == pytest.approx(expected.pvalue)
    text = str(results)
    assert "Test AUC" in text
    assert "higher is better" in text
    assert "SD*" not in text
    assert f"{np.mean(values[0]):.4f} ± {np.std(values[0], ddof=1):.4f}" in text
    assert "test AUC" in results.plot("compare").draw(Screen(80, 24))


def test_a_metric_decides_a_bench_and_its_exports(store: Path, tmp_path: Path) -> None:
    export = tmp_path / "a.json"
    done = call(
        *("bench", "baseline", "ws", "--repeats", "3", "--metric", "ece", "--no-plot"),
        *("--epochs", "1", "--pairs", "60", "--store", str(store), "--export-json", str(export)),
    )
    assert done.returncode == 0, done.stderr
    assert "Test calibration error %" in done.stdout
    content = json.loads(export.read_text())
    assert content["arms"][0]["metric"] == {"name": "ece", "unit": "%", "better": "lower"}
    assert content["comparisons"][0]["metric"] == "ece"
    again = cmpnet.load(export)
    assert [arm.metric.name for arm in again.arms] == ["ece", "ece"]
    assert again.summary() == cmpnet.load(store, metric="ece").summary()
    rows = list(csv.DictReader(io.StringIO(to_csv(again).decode())))
    assert float(rows[0]["test.auc"]) == again.arms[0].ok()[0].metrics["auc"]["test"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bench", "ws", "--metric", "ac"], "There is no metric 'ac'. Did you mean 'auc'?"),
        (["bench", "ws", "--metric", "rmse"], "'rmse' asks for 'prediction', which the task does"),
        (
            ["compare", "baseline", "ws", "--metric", "auk"],
            "not measured with the metric 'auk'. Di",
        ),
        (["plot", "errors", "--metric", "auc"], "AUC has no value per epoch"),
    ],
)
def test_a_metric_that_cannot_be_used_is_refused_in_a_sentence(
    store: Path, arguments: list[str], message: str
) -> None:
    done = call(*map(str, arguments), "--store", str(store))
    assert done.returncode == 2
    assert message in done.stderr


# -- own metrics ----------------------------------------------------------------------------------

OWN = """
import cmpnet

def share(probabilities, truth):
    return float((probabilities[:, 1] > 0.5).mean())

SHARE = cmpnet.Metric(name="share", summary="share of yes", fn=share, unit="%", limits=(0, 1))
"""


def test_a_metric_in_a_file_of_ones_own_decides_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    path, store = f"{tmp_path / 'mine.py'}:share", tmp_path / "store"
    arguments = ["bench", "ws", "baseline", "--repeats", "1", "--no-plot", *QUICK]
    first = call(*arguments, "--metric", path, "--store", str(store))
    assert first.returncode == 0, first.stderr
    assert "Test mine.py:share %" in first.stdout
    again = call(*arguments, "--metric", path, "--store", str(store))
    assert "from the store" in again.stderr
    (tmp_path / "mine.py").write_text(OWN.replace("0.5", "0.6"))
    edited = call(*arguments, "--metric", path, "--store", str(store))
    assert "from the store" not in edited.stderr, "its code is part of the repeat's identity"


def test_a_metric_that_returns_no_number_fails_with_its_name(tmp_path: Path) -> None:
    own = OWN.replace("float((probabilities[:, 1] > 0.5).mean())", "probabilities")
    (tmp_path / "mine.py").write_text(own)
    path = f"{tmp_path / 'mine.py'}:share"
    done = call(
        "bench", "ws", "--repeats", "1", "--metric", path, "--store", str(tmp_path / "store")
    )
    assert done.returncode == 2
    assert "must return one number" in done.stderr


# -- numbers of one's own data --------------------------------------------------------------------


def test_the_rmse_of_a_linear_regression_is_that_of_least_squares(tmp_path: Path) -> None:
    x = RANDOM.normal(size=(300, 4))
    y = 100 + x @ [3.0, -2.0, 1.0, 0.0] + RANDOM.normal(size=300)
    path = tmp_path / "prices.npz"
    np.savez(path, X=x, y=y)
    results = cmpnet.bench(
        ["linear-regression"], repeats=2, workers=1, store=tmp_path / "store", data=str(path)
    )
    (arm,) = results.arms
    assert (arm.metric.name, arm.test_errors()) == ("rmse", [])
    assert arm.task is not None
    for repeat in arm.ok():
        data = arm.task.load(repeat.seed, data=str(path))
        parts = [np.c_[part.x, np.ones(len(part.x))] for part in (data.train, data.test)]
        weights = np.linalg.lstsq(parts[0], data.train.targets["value"], rcond=None)[0]
        residual = (parts[1] @ weights - data.test.targets["value"]) * data.test.targets["sd"]
        rmse = math.sqrt(np.mean(residual**2))
        assert repeat.metrics["rmse"]["test"] == pytest.approx(rmse, rel=0.03)
        assert repeat.curves.test_metric[-1] == repeat.metrics["rmse"]["test"]
    assert "Test RMSE" in str(results)
    assert "RMSE" in results.plot("errors").draw(Screen(80, 24))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,price\n1,cheap\n2,dear\n3,dear\n", "has 'cheap' to predict, which is not a number"),
        ("a,price\n1,5\n2,5\n3,5\n", "all of its samples have the number 5"),
        ("a,price\n1,5\n", "it has 1 samples"),
    ],
)
def test_numbers_that_cannot_be_predicted_are_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "a.csv").write_text(content)
    done = call(
        "bench", "linear-regression", "--data", str(tmp_path / "a.csv"), "--store", str(tmp_path)
    )
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("fn=lambda *seen: 0.0", "must name each parameter"),
        ("fn=lambda: 0.0", "which say what it asks for"),
        ('fn=lambda wrong: 0.0, better="more"', "'better'"),
        ("fn=lambda wrong: 0.0, limits=(1, 0)", "'limits'"),
    ],
)
def test_a_metric_is_validated_when_it_is_loaded(tmp_path: Path, fields: str, message: str) -> None:
    code = f"import cmpnet\nM = cmpnet.Metric(name='odd', summary='', {fields})\n"
    (tmp_path / "mine.py").write_text(code)
    done = call("bench", "ws", "--metric", f"{tmp_path / 'mine.py'}:odd", "--store", str(tmp_path))
    assert done.returncode == 2
    assert message in done.stderr


SUITE = """
title = "t"
[[arm]]
arm = "linear[epochs=2]"
[[arm]]
arm = "mlp[epochs=2]"
[[claim]]
says = "mlp says yes more often"
higher = "mlp[epochs=2]"
than = "linear[epochs=2]"
measure = "mine.py:share"
"""


def test_a_claim_may_be_about_a_metric_of_ones_own_and_a_suite_about_ones_own_data() -> None:
    Path("mine.py").write_text(OWN)
    Path("mine.toml").write_text(SUITE)
    make_table("iris.csv")
    arguments = ["--suite", "mine.toml", "--data", "iris.csv", "--repeats", "3"]
    done = call("bench", *arguments, "--no-plot", "--export-json", "a.json")
    assert done.returncode == 0, done.stderr
    content = json.loads(Path("a.json").read_text())
    (claim,) = content["claims"]
    linear, mlp = (
        [repeat["metrics"]["mine.py:share"]["test"] for repeat in arm["repeats"]]
        for arm in content["arms"]
    )
    assert claim["difference"] == pytest.approx(np.mean(mlp) - np.mean(linear))
    assert claim["deviation"] == ""


def test_a_value_beyond_the_limits_is_refused_and_a_file_has_the_title_of_its_metric() -> None:
    Path("mine.py").write_text(OWN.replace("limits=(0, 1)", 'title="yes", limits=(0, 1)'))
    bench = ["bench", "ws", "baseline", "--repeats", "1", *QUICK, "--no-plot"]
    assert call(*bench, "--metric", "mine.py:share").returncode == 0
    assert "test yes / %" in call("plot", "compare", "--metric", "mine.py:share").stdout
    Path("mine.py").write_text(OWN.replace("float((", "float(2 + ("))
    done = call(*bench, "--metric", "mine.py:share")
    assert done.returncode == 2
    assert "its limits are 0 and 1" in done.stderr
