"""Digit pairs: the protocol, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from cmpnet import CmpnetError
from cmpnet.tasks import mnist
from cmpnet.tasks.digits import details, fingerprint, load, wrong


def raw_rows(x: np.ndarray, mean: float, sd: float) -> list[bytes]:
    """Each image back in whole quarter grey levels, as bytes."""
    sums = np.rint(x.astype(np.float64) * sd + mean).astype(np.uint16)
    return [image.tobytes() for image in sums.reshape(-1, 196)]


def test_details_count_errors_by_digits_and_keep_how_sure_each_was() -> None:
    targets = {"classes": np.array([[3, 5], [3, 5], [7, 1]]), "target": np.array([1, 1, 0])}
    scores = np.zeros((3, 2, 10))
    scores[0, 0, 3] = scores[0, 1, 5] = scores[1, 0, 8] = scores[1, 1, 5] = 1
    scores[2, 0, 7] = scores[2, 1, 1] = 1
    verdict = np.array([[0.0, 2.0], [np.log(3), 0.0], [np.nan, np.inf]])
    kept = details({"verdict": verdict, "digits": scores}, targets, np.array([1, 2]))
    assert kept["pairs"][3, 5] == 2
    assert kept["pairs"].sum() == 3
    assert kept["wrong_pairs"][3, 5] == kept["wrong_pairs"][7, 1] == 1
    assert kept["confidence"].tolist() == [0.75, 0.5]
    assert kept["predicted"].tolist() == [[8, 5], [7, 1]]
    assert kept["confusion"][3].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    assert kept["confusion"].sum() == 6
    assert "confusion" not in details({"verdict": verdict}, targets, np.array([], dtype=int))


def test_how_sure_a_wrong_logit_was_is_its_sigmoid_for_the_wrong_answer() -> None:
    targets = {"classes": np.array([[3, 5], [7, 1], [2, 2]]), "target": np.array([1, 0, 1])}
    logit = np.array([np.log(1 / 4), np.log(9), 5.0], dtype=np.float32)
    kept = details({"logit": logit}, targets, np.array([0, 1]))
    assert kept["confidence"] == pytest.approx([0.8, 0.9])
    assert kept["wrong_pairs"].sum() == 2


def test_shapes_and_types_are_those_of_the_course() -> None:
    data = load(0)
    for split in (data.train, data.test):
        assert split.x.shape == (1000, 2, 14, 14)
        assert split.x.dtype == np.float32
        assert split.targets["target"].shape == (1000,)
        assert split.targets["classes"].shape == (1000, 2)


def test_target_says_whether_the_first_digit_is_less_or_equal() -> None:
    targets = load(3, pairs=200).test.targets
    first, second = targets["classes"].T
    expected = [int(a <= b) for a, b in zip(first, second, strict=True)]
    assert targets["target"].tolist() == expected
    # Ten classes in equal shares would make 55 % of all pairs "less or equal".
    assert 0.45 < np.mean(expected) < 0.65


def test_input_is_standardised_by_the_train_pairs_alone() -> None:
    data = load(1)
    assert abs(float(data.train.x.mean())) < 1e-4
    assert abs(float(data.train.x.std()) - 1) < 1e-4
    assert abs(float(data.test.x.mean())) > 1e-4


def test_digits_are_drawn_without_replacement_from_their_own_split() -> None:
    # All 10,000 test digits are used up by 5,000 pairs: each exactly once.
    data = load(0, pairs=5000)
    source = mnist.source(None)
    counts = np.bincount(data.test.targets["classes"].ravel())
    assert counts.tolist() == np.bincount(source["test"].labels).tolist()


def test_train_and_test_digits_never_overlap() -> None:
    data = load(0, pairs=1000)
    sums = mnist.source(None)
    chosen = np.concatenate([sums["train"].sums]).astype(np.float64)
    mean, sd = _statistics(data.train.x, chosen)
    train = set(raw_rows(data.train.x, mean, sd))
    every_train = {image.tobytes() for image in sums["train"].sums.reshape(-1, 196)}
    every_test = {image.tobytes() for image in sums["test"].sums.reshape(-1, 196)}
    test = set(raw_rows(data.test.x, mean, sd))
    assert train <= every_train
    assert test <= every_test
    assert not train & test


def _statistics(x: np.ndarray, sums: np.ndarray) -> tuple[float, float]:
    """Mean and SD that undo the standardisation: black is 0, and levels are whole numbers."""
    values = np.unique(x.astype(np.float64))
    step = float(np.median(np.diff(values)[np.diff(values) > 1e-6]))
    sd = 1 / step
    return -float(values[0]) * sd, sd


def test_each_seed_has_data_of_its_own_and_the_same_data_every_time() -> None:
    first, again, other = load(0), load(0), load(1)
    np.testing.assert_array_equal(first.test.x, again.test.x)
    np.testing.assert_array_equal(first.train.targets["classes"], again.train.targets["classes"])
    assert (first.train.targets["classes"] != other.train.targets["classes"]).any()
    assert (first.test.targets["classes"] != other.test.targets["classes"]).any()


def test_more_pairs_than_digits_are_refused_with_the_number_there_is() -> None:
    with pytest.raises(CmpnetError, match="at most 5000 pairs"):
        load(0, pairs=5001)
    with pytest.raises(CmpnetError, match="at most 5000 pairs"):
        fingerprint(pairs=5001)


def test_an_error_is_a_larger_verdict_for_the_other_answer() -> None:
    verdict = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, -1.0]])
    target = np.array([0, 1, 1])
    assert wrong({"verdict": verdict}, {"target": target}).tolist() == [False, False, True]


def test_an_error_of_a_logit_is_its_sign_for_the_other_answer() -> None:
    logit, target = np.array([-0.1, 3.0, -2.0, 0.5, 0.0]), np.array([0, 1, 1, 0, 0])
    found = wrong({"logit": logit}, {"target": target})
    assert found.tolist() == [False, False, True, True, False]
