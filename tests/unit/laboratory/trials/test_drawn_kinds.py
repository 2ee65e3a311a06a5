import numpy as np
import pytest

from deepvein.evaluation.lesions import instances
from deepvein.laboratory.trials.drawn_kinds import are_classes, drawn_kinds, kinds_of
from deepvein.laboratory.trials.planted import Planted


def drawn() -> np.ndarray:
    """Two acute thrombi and a chronic one apart, and a chronic one with an acute voxel at its end."""
    labels = np.zeros((12, 4, 60), dtype=np.uint8)
    labels[0:3, 0, 0] = labels[0:3, 0, 10] = 1
    labels[5:8, 0, 20] = 2
    labels[0:10, 2, 40] = 2
    labels[10, 2, 40] = 1
    return labels


def test_classes_are_not_thrombi_and_what_touches_is_one() -> None:
    labels = drawn()
    kinds = kinds_of((1, 2), ("acute", "chronic thrombus"))
    assert are_classes(kinds)
    numbered = instances(labels, numbered=False)
    assert numbered.max() == 4
    found = {one.number: one for one in drawn_kinds(numbered, labels, kinds)}
    assert [found[numbered[0, 0, 0]].acute, found[numbered[0, 0, 10]].acute] == [True, True]
    assert found[numbered[5, 0, 20]].acute is False
    assert found[numbered[0, 2, 40]] == Planted(int(numbered[0, 2, 40]), None, False)
    assert numbered[10, 2, 40] == numbered[0, 2, 40]


def test_a_thrombus_of_two_kinds_is_of_none() -> None:
    labels = np.zeros((10, 1, 1), dtype=np.uint8)
    labels[:5], labels[5:] = 1, 2
    kinds = kinds_of((1, 2), ("occlusive", "partial"))
    assert drawn_kinds(instances(labels, numbered=False), labels, kinds) == (
        Planted(1, None, None),
    )


@pytest.mark.parametrize(
    "names", [("acute thrombus 1", "chronic thrombus 2"), ("left", "right"), ()]
)
def test_numbered_thrombi_stay_what_they_are(names: tuple[str, ...]) -> None:
    assert not are_classes(kinds_of((1, 2), names))


def test_numbered_thrombi_keep_the_kind_that_their_names_tell() -> None:
    labels = np.zeros((3, 1, 9), dtype=np.uint8)
    labels[:, 0, 0], labels[:, 0, 8] = 1, 2
    kinds = kinds_of((1, 2), ("acute thrombus 1", "thrombus 2"))
    assert drawn_kinds(labels, labels, kinds) == (Planted(1, None, True), Planted(2, None, None))
    assert drawn_kinds(labels, labels, kinds_of((1, 2), ())) == ()
