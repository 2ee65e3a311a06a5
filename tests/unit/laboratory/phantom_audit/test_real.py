from pathlib import Path

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.laboratory.phantom_audit.real import LEVELS, real_pictures
from deepvein.studies.nifti import write_nifti
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def test_the_middle_sections_are_shown_front_up(tmp_path: Path) -> None:
    grid = Grid.from_directions((25, 20, 30), (6.0, 9.0, 9.0), (-130.0, -85.0, 0.0))
    for number in range(len(LEVELS)):
        array = np.zeros(grid.shape, dtype=np.float32)
        array[12, :10, 15:] = 1 + number
        write_nifti(Volume(array, grid), tmp_path / f"station_{number}.nii.gz")
    found = real_pictures(tmp_path)
    assert len(found) == len(LEVELS)
    rows, columns = found[0].shape
    for number, image in enumerate(found):
        assert image[: rows // 2, columns // 2 :].max() == pytest.approx(1 + number, rel=0.05)
        assert image[2 * rows // 3 :].max() == 0
        assert image[:, : columns // 3].max() == 0


def test_a_folder_without_enough_stations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="5 stations are needed"):
        real_pictures(tmp_path)
