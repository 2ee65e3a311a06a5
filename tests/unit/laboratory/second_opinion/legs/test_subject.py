import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.subject import palette, subject
from deepvein.studies.study import Modality


@pytest.mark.parametrize("seed", range(10))
def test_blood_outshines_muscle_and_thrombi(seed):
    for modality in (Modality.CT, Modality.MR):
        rng = np.random.default_rng(seed)
        colours, person = palette(rng, modality), subject(rng, modality)
        assert person.vein > 1.3 * colours.muscle
        assert colours.chronic < colours.acute < person.vein
        assert colours.air < colours.fat < colours.muscle


def test_people_differ_within_their_ranges():
    people = [subject(np.random.default_rng(seed), Modality.CT) for seed in range(60)]
    assert all(0.9 <= one.scale <= 1.1 and 0.5 <= one.fat <= 2.2 for one in people)
    assert all(95 <= one.vein <= 140 and 90 <= one.artery <= 200 for one in people)
    brighter = [one.artery - one.vein > 14 for one in people]
    assert 0.2 < np.mean(brighter) < 0.7
    assert {one.plaques for one in people} == {0.0, 0.7}
