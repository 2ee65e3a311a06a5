from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deepvein.cohorts.opening import open_case
from deepvein.cohorts.voxels import voxel_digest
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.volumes.volume import Volume
from unit.cohorts.tiny_cohort import make


def test_the_digest_follows_the_voxels_and_not_the_place(tmp_path: Path) -> None:
    cohort = make(tmp_path / "a", n=2)
    before = voxel_digest(cohort)
    assert voxel_digest(make(tmp_path / "b", n=2)) == before
    assert voxel_digest(replace(cohort, cases=cohort.cases[::-1])) == before
    assert voxel_digest(replace(cohort, cases=cohort.cases[:1])) != before
    path = cohort.cases[0].thrombi
    assert path is not None
    drawn = read_nifti(path)
    write_nifti(Volume(np.roll(drawn.array, 1, axis=1), drawn.grid), path)
    open_case.cache_clear()
    assert voxel_digest(cohort) != before
