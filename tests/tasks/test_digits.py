"""The digit-pairs task follows the protocol of the course, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from cmpnet import CmpnetError
from cmpnet.tasks import mnist
from cmpnet.tasks.digits import details, fingerprint, load, sampled, wrong


def raw_rows(x: np.ndarray, mean: float, sd: float) -> list[bytes]:
    """The bytes of each image in quarter grey levels, before standardisation."""
    sums = np.rint(x.astype(np.float64) * sd + mean).astype(np.uint16)
    return [image.tobytes() for image in sums.reshape(-1, 196)]


def test_details_count_errors_by_digit_and_hold_the_confidence_of_each() -> None:
    targets = {"classes": np.array([[3, 5], [3, 5], [7, 1]]), "target": np.array([1, 1, 0])}
    scores = np.zeros((3, 2, 10))
    scores[0, 0, 3] = scores[0, 1, 5] = scores[1, 0, 8] = scores[1, 1, 5] = 1
    scores[2, 0, 7] = scores[2, 1, 1] = 1
    verdict = np.array([[0.0, 2.0], [np.log(3), 0.0], [np.nan, np.inf]])
    plot_data = details({"verdict": verdict, "digits": scores}, targets, np.array([1, 2]))
    assert plot_data["pairs"][3, 5] == 2
    assert plot_data["pairs"].sum() == 3
    assert plot_data["wrong_pairs"][3, 5] == plot_data["wrong_pairs"][7, 1] == 1
    assert plot_data["confidence"].tolist() == [0.75, 0.5]
    assert plot_data["predicted"].tolist() == [[8, 5], [7, 1]]
    assert plot_data["confusion"][3].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    assert plot_data["confusion"].sum() == 6
    assert "confusion" not in details({"verdict": verdict}, targets, np.array([], dtype=int))


def test_the_confidence_of_a_wrong_logit_is_its_sigmoid_for_the_wrong_answer() -> None:
    targets = {"classes": np.array([[3, 5], [7, 1], [2, 2]]), "target": np.array([1, 0, 1])}
    logit = np.array([np.log(1 / 4), np.log(9), 5.0], dtype=np.float32)
    plot_data = details({"logit": logit}, targets, np.array([0, 1]))
    assert plot_data["confidence"] == pytest.approx([0.8, 0.9])
    assert plot_data["wrong_pairs"].sum() == 2


def test_shapes_and_types_are_those_of_the_protocol() -> None:
    data = load(0)
    for split in (data.train, data.test):
        assert split.x.shape == (1000, 2, 14, 14)
        assert split.x.dtype == np.float32
        assert split.targets["target"].shape == (1000,)
        assert split.targets["classes"].shape == (1000, 2)


@pytest.mark.parametrize("pairs", [100, 5000])
def test_the_test_pairs_are_made_of_the_digits_that_the_task_names(pairs: int) -> None:
    rows, targets = sampled(4, pairs=pairs), load(4, pairs=pairs).test.targets
    assert rows.shape == (pairs, 2)
    assert len(np.unique(rows)) == 2 * pairs, "drawn without replacement"
    assert (mnist.source(None)["test"].labels[rows] == targets["classes"]).all()


def test_target_is_whether_the_first_digit_is_less_than_or_equal_to_the_second() -> None:
    targets = load(3, pairs=200).test.targets
    first, second = targets["classes"].T
    expected = [int(a <= b) for a, b in zip(first, second, strict=True)]
    assert targets["target"].tolist() == expected
    # With ten equally frequent classes, 55 % of all pairs are "less than or equal".
    assert 0.45 < np.mean(expected) < 0.65


def test_input_is_standardised_with_the_training_pairs_only() -> None:
    data = load(1)
    assert abs(float(data.train.x.mean())) < 1e-4
    assert abs(float(data.train.x.std()) - 1) < 1e-4
    assert abs(float(data.test.x.mean())) > 1e-4


def test_digits_are_drawn_from_their_split_without_replacement() -> None:
    # 5,000 pairs use each of the 10,000 test digits exactly once.
    data = load(0, pairs=5000)
    source = mnist.source(None)
    counts = np.bincount(data.test.targets["classes"].ravel())
    assert counts.tolist() == np.bincount(source["test"].labels).tolist()


def test_training_and_test_digits_never_overlap() -> None:
    data = load(0, pairs=1000)
    source = mnist.source(None)
    mean, sd = _statistics(data.train.x)
    train = set(raw_rows(data.train.x, mean, sd))
    every_train = {image.tobytes() for image in source["train"].sums.reshape(-1, 196)}
    every_test = {image.tobytes() for image in source["test"].sums.reshape(-1, 196)}
    test = set(raw_rows(data.test.x, mean, sd))
    assert train <= every_train
    assert test <= every_test
    assert not train & test


def test_validation_digits_come_from_the_training_split_and_train_nothing() -> None:
    # 15,000 training and 15,000 validation pairs use each of the 60,000 digits exactly once.
    data = load(0, pairs=15_000, on="validation")
    both = [*data.train.targets["classes"].ravel(), *data.test.targets["classes"].ravel()]
    labels = mnist.source(None)["train"].labels
    assert np.bincount(both).tolist() == np.bincount(labels).tolist()
    small = load(7, pairs=500, on="validation")
    mean, sd = _statistics(small.train.x)
    train, validation = (set(raw_rows(s.x, mean, sd)) for s in (small.train, small.test))
    every = {image.tobytes() for image in mnist.source(None)["train"].sums.reshape(-1, 196)}
    assert validation <= every
    assert not train & validation


def test_the_training_pairs_do_not_depend_on_what_the_error_is_measured_on() -> None:
    test, validation = load(3, pairs=50), load(3, pairs=50, on="validation")
    np.testing.assert_array_equal(test.train.x, validation.train.x)
    assert (test.test.targets["classes"] != validation.test.targets["classes"]).any()


def _statistics(x: np.ndarray) -> tuple[float, float]:
    """Mean and SD that undo the standardisation, after which black is 0 and the step is 1."""
    values = np.unique(x.astype(np.float64))
    step = float(np.median(np.diff(values)[np.diff(values) > 1e-6]))
    sd = 1 / step
    return -float(values[0]) * sd, sd


def test_a_seed_always_gives_the_same_data_and_another_seed_other_data() -> None:
    first, again, other = load(0), load(0), load(1)
    np.testing.assert_array_equal(first.test.x, again.test.x)
    np.testing.assert_array_equal(first.train.targets["classes"], again.train.targets["classes"])
    assert (first.train.targets["classes"] != other.train.targets["classes"]).any()
    assert (first.test.targets["classes"] != other.test.targets["classes"]).any()


def test_more_pairs_than_the_digits_allow_are_refused_with_the_limit() -> None:
    with pytest.raises(CmpnetError, match="pairs is 5001; it must be at most 5000"):
        load(0, pairs=5001)
    with pytest.raises(CmpnetError, match="pairs is 5001; it must be at most 5000"):
        fingerprint(pairs=5001)
    message = "pairs is 15001; it must be at most 15000, since the train split has 60000 digits"
    with pytest.raises(CmpnetError, match=message):
        fingerprint(pairs=15_001, on="validation")


def test_a_verdict_is_wrong_if_the_other_answer_has_the_larger_score() -> None:
    verdict = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, -1.0]])
    target = np.array([0, 1, 1])
    assert wrong({"verdict": verdict}, {"target": target}).tolist() == [False, False, True]


def test_a_logit_is_wrong_if_it_has_the_sign_of_the_other_answer() -> None:
    logit, target = np.array([-0.1, 3.0, -2.0, 0.5, 0.0]), np.array([0, 1, 1, 0, 0])
    mistakes = wrong({"logit": logit}, {"target": target})
    assert mistakes.tolist() == [False, False, True, True, False]
