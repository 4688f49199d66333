"""From what a user names to an arm: names looked up once, options checked and filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cmpnet import Architecture, Arm, CmpnetError, Loss, TrainConfig
from cmpnet.arms import Shared, expand, options_by_part, parts_of, resolve, resolve_all
from cmpnet.registry import Registry
from cmpnet.syntax import assignments, label_matches, read_sweeps

REGISTRY = Registry()


def arm_of(text: str, **options: object) -> Arm:
    """The arm that a text means, with some shared options."""
    return resolve(text, REGISTRY, Shared(options))


def build(*, width: int = 3) -> Any:
    """Stand in for a network; no test here builds one."""
    return width


OWN = Architecture(
    name="own",
    summary="a network of the caller's",
    build=build,
    outputs={"verdict": (2,)},
    task="digit-pairs",
    loss="ce",
    recipe=TrainConfig(epochs=7, lr=0.5),
)
OWN_LOSS = Loss(name="own-loss", summary="", fn=lambda output, batch: 0.0, needs=("verdict",))


# -- by name --------------------------------------------------------------------------------------


def test_a_bare_name_takes_the_architectures_own_loss_task_and_recipe() -> None:
    arm = arm_of("ws-aux")
    assert (arm.label, arm.key.loss, arm.key.task) == ("ws-aux", "aux-discounted", "digit-pairs")
    assert arm.config == TrainConfig(epochs=25, batch_size=100, lr=0.1, optimizer="sgd")
    assert arm.key.loss_options == {"alpha": 1.0}
    assert arm.key.task_options == {"pairs": 1000, "data_dir": None}


def test_an_arm_has_the_records_that_its_key_names() -> None:
    arm = arm_of("ws-aux")
    assert arm.architecture == REGISTRY.architecture("ws-aux")
    assert arm.loss == REGISTRY.loss("aux-discounted")
    assert arm.task == REGISTRY.task("digit-pairs")
    assert arm.optimizer == REGISTRY.record("optimizer", "sgd")
    assert (arm.schedule.name, arm.augmentation.name) == ("constant", "none")
    assert set(arm.owners) == set(arm.records)
    assert set(arm.owners.values()) == {"cmpnet"}
    assert next(iter(arm.metrics.values())) == REGISTRY.metric("error")


def test_alpha_on_ws_aux_means_equation_2() -> None:
    shared = Shared({"alpha": "0.75"})
    arm = resolve("ws-aux", REGISTRY, shared)
    assert (arm.key.loss, arm.key.loss_options) == ("aux-discounted", {"alpha": 0.75})
    assert arm.label == "ws-aux[alpha=0.75]"
    assert shared.used == {"alpha"}


def test_loss_and_options_can_be_part_of_the_text() -> None:
    arm = arm_of("ws-aux:aux-scheduled[alpha=0.25, decay=none, batch-size=50]")
    assert arm.key.loss == "aux-scheduled"
    assert arm.key.loss_options == {"alpha": 0.25, "decay": "none"}
    assert arm.config.batch_size == 50
    assert arm.label == "ws-aux:aux-scheduled[alpha=0.25,decay=none,batch-size=50]"


def test_a_shared_loss_applies_to_arms_that_name_none() -> None:
    shared = Shared(loss="aux-constant")
    assert resolve("ws-aux", REGISTRY, shared).label == "ws-aux:aux-constant"
    assert resolve("ws-aux:ce", REGISTRY, shared).label == "ws-aux:ce"


def test_a_label_shows_whole_numbers_without_a_decimal_point() -> None:
    text = "ws[dropout=0,gain=0.5,hidden=10,lr=1]"
    assert arm_of(text).label == text


def test_a_label_shows_only_the_last_component_of_a_path() -> None:
    assert arm_of("ws[data-dir=/home/me/digits]").label == "ws[data-dir=digits]"


def test_an_arms_own_options_override_the_shared_ones() -> None:
    arms = resolve_all(["ws-aux[alpha=0.5]", "ws-aux"], REGISTRY, Shared({"alpha": "0.25"}))
    assert [arm.key.loss_options["alpha"] for arm in arms] == [0.5, 0.25]


def test_shared_options_apply_to_the_arms_that_have_them() -> None:
    shared = Shared({"alpha": "0.5", "epochs": "3"})
    arms = resolve_all(["baseline", "ws-aux"], REGISTRY, shared)
    assert [arm.config.epochs for arm in arms] == [3, 3]
    assert [arm.key.loss_options for arm in arms] == [{}, {"alpha": 0.5}]


def test_values_from_python_are_checked_as_typed_words_are() -> None:
    assert arm_of("ws-aux", alpha=0.5, epochs=3) == arm_of("ws-aux", alpha="0.5", epochs="3")
    with pytest.raises(CmpnetError, match="alpha is 2; it must be a number from 0 to 1"):
        arm_of("ws-aux", alpha=2)


def test_an_option_can_name_its_part() -> None:
    assert arm_of("ws[training.lr=0.5]").config.lr == 0.5
    assert arm_of("ws-aux[loss.alpha=0.5]") == arm_of("ws-aux[alpha=0.5]")


def test_an_option_that_two_parts_have_must_name_its_part() -> None:
    twin = replace(OWN, build=lambda *, alpha=1.0: None, outputs={"verdict": (2,), "digits": ()})
    shared = Shared({"alpha": 0.5}, loss="aux-discounted")
    with pytest.raises(CmpnetError, match=r"both architecture and loss; write 'architecture\.alp"):
        resolve(twin, REGISTRY, shared)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wsaux", "Did you mean 'ws-aux'"),
        ("ws-aux:aux-constnat", "Did you mean 'aux-constant'"),
        ("ws-aux[aplha=0.5]", "Did you mean 'alpha'"),
        ("ws-aux[alpha=2]", "a number from 0 to 1"),
        ("ws-aux[alpha]", "NAME=VALUE"),
        ("ws-aux[alpha=0.5", "is not a valid arm"),
        ("[alpha=0.5]", "is not a valid arm"),
        ("", "is not a valid arm"),
        ("ws:", "is not a valid arm"),
        ("baseline:aux-constant", "needs the output 'digits', which 'baseline' does not have"),
        ("simple:ce", "needs the output 'verdict', which 'simple' does not have"),
        ("ws:bce", "needs the output 'logit', which 'ws' does not have"),
        ("ws[epochs=0]", "a whole number from 1"),
        ("ws[optimizer=sdg]", "Did you mean 'sgd'"),
        ("ws[epochs=1,epochs=2]", "'epochs' is given twice"),
    ],
)
def test_a_wrong_arm_is_refused_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        resolve(text, REGISTRY)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_that_fits_no_arm_is_refused() -> None:
    shared = Shared({"alpha": "0.5"})
    arms = resolve_all(["baseline", "ws"], REGISTRY, shared)
    with pytest.raises(CmpnetError, match="None of these arms has an option 'alpha'"):
        shared.refuse_unused([arm.label for arm in arms])


def test_the_same_arm_twice_is_refused_however_it_is_written() -> None:
    with pytest.raises(CmpnetError, match="given twice"):
        resolve_all(["ws-aux", "ws-aux:aux-discounted[alpha=1]"], REGISTRY, Shared())


# -- by record ------------------------------------------------------------------------------------


def test_an_architecture_record_becomes_an_arm_with_its_own_recipe_and_options() -> None:
    arm = resolve(OWN, REGISTRY, Shared({"width": 5, "epochs": 2}))
    assert (arm.label, arm.architecture) == ("own[width=5]", OWN)
    assert arm.key.architecture_options == {"width": 5}
    assert arm.config == TrainConfig(epochs=2, lr=0.5)
    assert (arm.owners["architecture"], arm.owners["loss"], arm.owners["task"]) == (
        "",
        "cmpnet",
        "cmpnet",
    )


def test_a_loss_record_trains_an_arm_under_its_own_name() -> None:
    arm = resolve("ws", REGISTRY, Shared(loss=OWN_LOSS))
    assert (arm.label, arm.loss, arm.owners["loss"]) == ("ws:own-loss", OWN_LOSS, "")


def test_a_record_mixes_with_names() -> None:
    arms = resolve_all([OWN, "ws", "ws[dropout=0]"], REGISTRY, Shared())
    assert [arm.label for arm in arms] == ["own", "ws", "ws[dropout=0]"]


def test_a_resolved_arm_is_not_taken_so_that_none_can_hold_another_record() -> None:
    forged = replace(arm_of("ws"), architecture=replace(OWN, name="ws"))
    with pytest.raises(CmpnetError, match="is not a valid arm"):
        resolve_all([forged], REGISTRY, Shared())  # type: ignore[list-item]


def test_a_key_cannot_be_paired_with_the_record_of_another_network() -> None:
    arm = arm_of("baseline")
    with pytest.raises(ValueError, match="names architecture 'baseline', the record is 'own'"):
        replace(arm, architecture=OWN)
    with pytest.raises(ValueError, match="names loss 'ce', the record is 'own-loss'"):
        replace(arm, loss=OWN_LOSS)


@pytest.mark.parametrize(
    "named", [3, None, ["ws"], OWN_LOSS, Architecture], ids=lambda value: type(value).__name__
)
def test_anything_else_is_not_an_arm(named: Any) -> None:
    with pytest.raises(CmpnetError, match="is not a valid arm"):
        resolve(named, REGISTRY)


def test_a_loss_for_another_backend_is_refused() -> None:
    numpy_loss = replace(OWN_LOSS, backend="numpy")
    with pytest.raises(CmpnetError, match="is written for numpy, architecture 'ws' for torch"):
        resolve("ws", REGISTRY, Shared(loss=numpy_loss))


def test_a_record_whose_learner_cannot_be_imported_is_refused_by_its_own_name() -> None:
    with pytest.raises(CmpnetError, match=r"of architecture 'own' cannot be used: Mod") as caught:
        resolve(replace(OWN, learner="nowhere:Learner"), REGISTRY)
    assert "--no-plugin" not in str(caught.value), "no plugin could be disabled"


# -- equality and keys ----------------------------------------------------------------------------


def test_labels_and_owners_take_no_part_in_equality() -> None:
    arm = arm_of("ws")
    renamed = replace(arm, key=replace(arm.key, label="another"), owners={})
    assert renamed == arm
    assert arm_of("ws[dropout=0.5]") == arm_of("ws"), "0.5 is the default"
    assert arm_of("ws[dropout=0]") != arm_of("ws")


def test_a_portable_key_has_no_path_of_this_machine() -> None:
    key = arm_of("ws[data-dir=/home/me/digits]").key
    assert key.local_paths == ("data_dir",)
    assert key.portable().task_options == {"pairs": 1000}


def test_the_arm_of_a_stored_key_is_the_arm_that_was_stored_on_the_cpu() -> None:
    arm = arm_of("ws-aux:aux-scheduled[alpha=0.25,device=cuda]")
    again = parts_of(arm.key, REGISTRY)
    assert again.config == replace(arm.config, device="cpu")
    assert again == replace(arm, key=replace(arm.key, config=again.config))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architecture": "wss"}, "There is no architecture 'wss'"),
        ({"loss": "cee"}, "There is no loss 'cee'"),
        ({"task": "disk"}, "'ws' learns the task 'digit-pairs', not 'disk'"),
        ({"architecture_options": {"colour": 1}}, "'ws' has no option 'colour'"),
        ({"architecture_options": {"hidden": 0}}, "hidden is 0; it must be"),
    ],
)
def test_a_stored_key_that_no_longer_fits_is_refused(change: Any, message: str) -> None:
    with pytest.raises(CmpnetError, match=message):
        parts_of(replace(arm_of("ws").key, **change), REGISTRY)


def test_options_are_listed_by_the_part_that_has_them() -> None:
    options = options_by_part("ws-aux", REGISTRY)
    recipe = ["optimizer", "schedule", "augmentation"]
    assert list(options) == ["architecture", "loss", "task", "training", *recipe]
    assert options["loss"]["alpha"].default == 1.0
    assert options["training"]["epochs"].default == 25
    assert options_by_part(OWN, REGISTRY)["training"]["epochs"].default == 7


# -- sweeps ---------------------------------------------------------------------------------------


def test_a_sweep_gives_one_arm_per_value_of_the_arms_that_have_the_option() -> None:
    shared = Shared(sweeps={"alpha": ["0", "0.5"]})
    arms = resolve_all(["baseline", "ws-aux"], REGISTRY, shared)
    labels = ["baseline", "ws-aux[alpha=0]", "ws-aux[alpha=0.5]"]
    assert [arm.label for arm in arms] == labels
    shared.refuse_unused(labels)


def test_a_sweep_varies_a_record_as_it_varies_a_name() -> None:
    arms = expand(OWN, REGISTRY, Shared(sweeps={"width": ["1", "2"]}))
    assert [arm.label for arm in arms] == ["own[width=1]", "own[width=2]"]
    assert [arm.key.architecture_options["width"] for arm in arms] == [1, 2]
    assert all(arm.architecture is OWN for arm in arms)


def test_sweeps_are_read_from_texts() -> None:
    assert read_sweeps(["batch-size= 1, 2", "a=x"], ()) == {"batch_size": ["1", "2"], "a": ["x"]}
    for text in ("alpha", "alpha=", "=1", "alpha=1,,2"):
        with pytest.raises(CmpnetError, match="is not a valid sweep"):
            read_sweeps([text], ())
    with pytest.raises(CmpnetError, match="'alpha' is given twice"):
        read_sweeps(["alpha=1"], ["alpha"])


# -- texts ----------------------------------------------------------------------------------------


def test_assignments_take_hyphens_and_keep_equals_signs_in_values() -> None:
    assert assignments(["batch-size=3", "a=b=c"]) == {"batch_size": "3", "a": "b=c"}


def test_a_label_matches_its_architecture_with_any_loss_and_options() -> None:
    label = "ws-aux:aux-scheduled[alpha=0.25,decay=none]"
    for name in ("ws-aux", "ws-aux:aux-scheduled", "ws-aux[alpha=0.250]", label):
        assert label_matches(label, name)
    for name in ("ws", "aux-scheduled", "ws-aux[alpha=0.5]", "ws-aux:aux"):
        assert not label_matches(label, name)


def test_one_option_under_two_names_is_given_twice() -> None:
    with pytest.raises(CmpnetError, match="Option 'epochs' is given twice"):
        arm_of("ws", **{"epochs": "1", "training.epochs": "3"})
    with pytest.raises(CmpnetError, match="Option 'epochs' is given twice"):
        arm_of("ws[epochs=1,training.epochs=3]")


def test_an_arms_own_value_wins_under_either_name() -> None:
    assert arm_of("ws[training.epochs=2]", epochs="3").config.epochs == 2
    assert arm_of("ws[epochs=2]", **{"training.epochs": "3"}).config.epochs == 2


@pytest.mark.parametrize(
    ("paths", "ends"),
    [
        (("a/x", "b/x"), ("a/x", "b/x")),
        (("/home/me/a/x", "/home/me/b/x"), ("a/x", "b/x")),
        (("p/a/x", "q/a/x", "q/b/x"), ("p/a/x", "q/a/x", "q/b/x")),
        (("x", "/data/x"), ("x", "data/x")),
        (("a/x", "a/y"), ("x", "y")),
    ],
)
def test_two_folders_with_one_last_name_have_different_labels(
    paths: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    arms = resolve_all([f"ws[data-dir={path}]" for path in paths], Registry(), Shared())
    assert [arm.label for arm in arms] == [f"ws[data-dir={end}]" for end in ends]
    (swept,) = {
        tuple(arm.label for arm in resolve_all(["ws"], Registry(), shared))
        for shared in [Shared(sweeps={"data_dir": paths})]
    }
    assert swept == tuple(f"ws[data-dir={end}]" for end in ends)
