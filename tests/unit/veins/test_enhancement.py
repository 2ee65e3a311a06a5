import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality
from deepvein.veins.enhancement import contrast, enhanced_share
from deepvein.veins.stations import coverage
from deepvein.veins.tree import vein_tree
from unit.findings.legs import MUSCLE, VEIN_X_MM, Legs, Tube, axial

GRID = axial()


def share(legs: Legs, modality: Modality = Modality.CT) -> float:
    study, prediction = legs.study(GRID, modality), legs.prediction(GRID)
    return enhanced_share(
        study, coverage(prediction.territories), vein_tree(prediction, study).ways
    )


@pytest.mark.parametrize("modality", Modality)
def test_opacified_veins_are_seen_at_every_level(modality):
    assert share(Legs(), modality) > 0.95


@pytest.mark.parametrize("blood", [42, MUSCLE])
def test_blood_like_muscle_is_not_opacified(blood):
    assert share(Legs(blood=(blood, blood))) == 0
    # In MR the drawn muscle has a signal of 100 and blood twice its Hounsfield units.
    assert share(Legs(blood=(52, 52)), Modality.MR) == 0


def test_one_opacified_leg_is_enough():
    assert share(Legs(blood=(120, 42))) > 0.95


def test_a_thrombosed_vein_counts_through_its_artery():
    legs = Legs((Tube(Side.LEFT, 0, 600),), right=False)
    study, prediction = legs.study(GRID), legs.prediction(GRID)
    ways = vein_tree(prediction, study).ways
    before = enhanced_share(study, coverage(prediction.territories), ways)
    index = np.rint(GRID.to_index([(VEIN_X_MM + 8, 0, 300)])[0]).astype(int)
    study.volume.array[:, index[1] - 2 : index[1] + 3, index[2] - 1 : index[2] + 2] = 130
    assert before < 0.2
    assert enhanced_share(study, coverage(prediction.territories), ways) > 0.9


def test_bone_beside_the_vein_is_no_vessel():
    legs = Legs(blood=(42, 42))
    study = legs.study(GRID)
    index = np.rint(GRID.to_index([(VEIN_X_MM + 9, 0, 300)])[0]).astype(int)
    study.volume.array[:, index[1] - 3 : index[1] + 4, index[2] - 1 : index[2] + 2] = 900
    points = np.array([[VEIN_X_MM, 0.0, 300.0]])
    assert contrast(study, points, Side.LEFT)[0] < 0


def test_without_veins_or_territories_nothing_is_opacified():
    assert share(Legs(veins=False)) == 0
    assert share(Legs(legs=False)) == 0
