import dataclasses

import numpy as np
import pytest

from deepvein.screening.image_statistics import image_statistics
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume
from unit.reports.legs import screening


def with_noise(made, sd, factor=1.0):
    noise = np.random.default_rng(1).normal(0, sd, made.study.volume.array.shape)
    array = (made.study.volume.array + noise) * factor
    volume = Volume(array.astype(np.float32), made.study.volume.grid)
    return dataclasses.replace(made, study=dataclasses.replace(made.study, volume=volume))


@pytest.mark.parametrize("sd", [4.0, 12.0])
def test_the_noise_is_that_which_was_added(sd):
    told = image_statistics(with_noise(screening(), sd))
    assert told.noise == pytest.approx(sd, rel=0.15)


def test_spacing_and_opacification_are_those_of_the_drawing():
    made = screening()
    told = image_statistics(made)
    slice_mm, row_mm, column_mm = made.study.volume.grid.spacing_mm
    assert told.slice_mm == slice_mm
    assert told.pixel_mm == pytest.approx((row_mm * column_mm) ** 0.5)
    # Blood of 140 beside muscle of 60.
    assert told.opacification == pytest.approx(80, abs=5)


def test_mr_is_told_without_its_arbitrary_units():
    made = screening(Modality.MR)
    one, other = (image_statistics(with_noise(made, 3.0, factor)) for factor in (1.0, 7.0))
    assert one.noise == pytest.approx(other.noise, rel=1e-3)
    assert one.noise == pytest.approx(3.0 / 60.0, rel=0.2)


def test_without_tissue_or_veins_there_is_none():
    made = screening()
    empty = np.full_like(made.study.volume.array, -1000)
    study = dataclasses.replace(made.study, volume=Volume(empty, made.study.volume.grid))
    told = image_statistics(dataclasses.replace(made, study=study, tree=None))
    assert (told.noise, told.opacification) == (None, None)
