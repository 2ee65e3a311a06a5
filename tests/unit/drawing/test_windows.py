import numpy as np

from deepvein.drawing.windows import CT_VEINS, window_for
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume
from unit.reports.legs import screening


def test_ct_has_one_window_that_tells_clot_from_opacified_vein() -> None:
    assert window_for(screening().study.volume, Modality.CT) == CT_VEINS
    assert CT_VEINS.low < 30
    assert CT_VEINS.high > 200


def test_mr_window_follows_the_signal() -> None:
    volume = screening(Modality.MR).study.volume
    window = window_for(volume, Modality.MR)
    double = window_for(Volume(volume.array * 2, volume.grid), Modality.MR)
    assert (double.low, double.high) == (2 * window.low, 2 * window.high)
    assert window.low < 60 < window.high


def test_an_empty_volume_still_has_a_window() -> None:
    volume = screening(Modality.MR).study.volume
    window = window_for(Volume(np.zeros_like(volume.array), volume.grid), Modality.MR)
    assert window.high > window.low
