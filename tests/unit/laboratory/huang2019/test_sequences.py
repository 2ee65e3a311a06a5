from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.examples.settings import AugmentationSettings, ExampleSettings, NormalisationSettings
from deepvein.examples.sources import open_source
from deepvein.laboratory.huang2019.sequence_source import SequenceExamples
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume

SHAPE = (3, 16, 8)


def cohort(folder: Path, *, second: bool = True, shift: float = 0.0) -> Cohort:
    grid = Grid.from_directions(SHAPE, (2.0, 1.0, 1.0), (0.0, 0.0, 0.0), CORONAL)
    moved = Grid.from_directions(SHAPE, (2.0, 1.0, 1.0), (shift, 0.0, 0.0), CORONAL)
    image = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    write_nifti(Volume(image, grid), folder / "image.nii")
    write_nifti(Volume((image % 2).astype(np.uint8), grid), folder / "thrombi.nii")
    if second:
        write_nifti(Volume(image[:, :, ::-1].copy(), moved), folder / "t2.nii")
    case = Case("a", "a", Modality.MR, folder / "image.nii", thrombi=folder / "thrombi.nii")
    return Cohort(folder, (case,))


def settings() -> ExampleSettings:
    return SequenceExamples(
        targets=("thrombus",),
        normalisation=NormalisationSettings(kind="minmax", background=0.0),
        augmentation=AugmentationSettings(),
    )


def test_the_second_sequence_is_another_channel(tmp_path: Path) -> None:
    source = open_source(cohort(tmp_path), settings(), 0, 1, training=False)
    batch = source.batch(1)
    assert batch.inputs.shape == (1, 2, 16, 8)
    assert batch.targets.shape == (1, 1, 16, 8)
    assert (batch.inputs[0, 1] == batch.inputs[0, 0].flip(-1)).all()


def test_a_case_without_it_is_refused(tmp_path: Path) -> None:
    source = open_source(cohort(tmp_path, second=False), settings(), 0, 1, training=False)
    with pytest.raises(CohortError, match=r"t2\.nii is missing"):
        source.batch(0)


def test_another_grid_is_refused(tmp_path: Path) -> None:
    source = open_source(cohort(tmp_path, shift=5.0), settings(), 0, 1, training=False)
    with pytest.raises(CohortError, match="another grid"):
        source.batch(0)
