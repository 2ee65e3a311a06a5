import numpy as np
import pytest

from deepvein.studies.soft_tissue import soft_tissue
from deepvein.studies.study import Modality


@pytest.mark.parametrize(
    ("modality", "air", "fat", "muscle", "vein"),
    [(Modality.CT, -1000, -100, 58, 130), (Modality.MR, 4, 25, 120, 280)],
)
def test_soft_tissue_is_muscle_among_fat_and_vessels(modality, air, fat, muscle, vein):
    values = np.repeat([air, fat, muscle, vein], [300, 300, 900, 100]).astype(np.float32)
    assert soft_tissue(values, modality) == muscle


@pytest.mark.parametrize("modality", Modality)
def test_nothing_has_no_tissue(modality):
    empty = -1000.0 if modality is Modality.CT else 0.0
    assert soft_tissue(np.full((2, 5, 5), empty, np.float32), modality) == 0
    assert soft_tissue(np.zeros((0, 5, 5), np.float32), modality) == 0
