import numpy as np
import pytest

from deepvein.findings.image_quality import image_remarks, noise_hu
from deepvein.studies.study import Modality, Study
from deepvein.volumes.grid import Grid
from unit.findings.legs import Legs, axial, coronal

GRID = axial()


def remarks(study: Study) -> dict[str, str]:
    return {remark.code: remark.text for remark in image_remarks(study)}


@pytest.mark.parametrize("grid", [GRID, coronal()])
def test_metal_is_told_with_the_length_that_streaks_spoil(grid: Grid):
    study = Legs().study(grid)
    z = np.broadcast_to(grid.body_positions_mm(), grid.shape[:1] + grid.shape[1:][::-1])
    z = np.moveaxis(z, -1, 1) if grid.body_axis == 1 else np.indices(grid.shape)[0] * 10 + 5.0
    study.volume.array[(z > 250) & (z < 270) & (study.volume.array > 0)] = 3000
    found = remarks(study)
    low, high = (z[study.volume.array == 3000].min(), z[study.volume.array == 3000].max())
    assert f"from z = {low - 22.5:.0f} to {high + 22.5:.0f} mm" in found["metal"]


@pytest.mark.parametrize("sd", [5.0, 12.0, 40.0])
def test_noise_is_measured_in_soft_tissue(sd: float):
    study = Legs(blood=(55, 55)).study(axial((20, 2, 2)))
    rng = np.random.default_rng(0)
    study.volume.array[:] += rng.normal(0, sd, study.volume.array.shape).round().astype(np.int16)
    assert noise_hu(study) == pytest.approx(sd, rel=0.08)


def test_strong_noise_is_remarked():
    study = Legs().study(GRID)
    rng = np.random.default_rng(0)
    study.volume.array[:] += rng.normal(0, 45, study.volume.array.shape).astype(np.int16)
    assert "high-noise" in remarks(study)


def test_no_soft_tissue_has_no_noise():
    assert noise_hu(Legs(right=False, left=False).study(GRID)) is None


def test_a_clean_ct_and_any_mr_need_no_remark():
    assert image_remarks(Legs().study(GRID)) == ()
    assert image_remarks(Legs().study(GRID, Modality.MR)) == ()
