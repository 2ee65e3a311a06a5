import nibabel as nib
import numpy as np
import pytest

from deepvein.core.errors import StudyError
from deepvein.laboratory.second_opinion.real.stations import VOXEL_MM, stack


def written(folder, number, array):
    nib.save(nib.Nifti1Image(array, np.eye(4)), folder / f"Join_{number}.nii.gz")


@pytest.fixture(scope="module")
def stations(tmp_path_factory):
    """A leg of muscle that is brighter in every second station, with fat round it, and coils in front."""
    folder = tmp_path_factory.mktemp("stations")
    x, y = np.meshgrid(np.arange(320.0), np.arange(320.0), indexing="ij")
    far = np.hypot(x - 150, y - 160)
    plane = np.where(far < 40, 100.0, np.where(far < 55, 20.0, 0.0)) * (0.6 + y / 400)
    for number in range(1, 8):
        bright = 1.5 if number % 2 else 1.0
        written(folder, number, np.repeat((bright * plane)[..., None], 31, 2).astype(np.float32))
    return folder


def test_stations_share_five_slices_and_are_equally_bright(stations):
    water = stack(stations)
    assert water.shape == (7 * 31 - 6 * 5, 320, 320)
    assert water.shape[0] * VOXEL_MM[0] == 1122
    muscle = water[:, 130:191:20, 150]
    assert np.abs(muscle - 1).max() < 0.1
    assert 0.1 < water[100, 160 + 48, 150] < 0.3
    assert water[100, 10, 10] == 0


def test_a_folder_without_all_stations_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"lacks Join_1\.nii\.gz.*QMRITools"):
        stack(tmp_path)


def test_a_station_of_another_size_is_refused(tmp_path):
    for number in range(1, 8):
        written(tmp_path, number, np.ones((4, 5, 6), np.float32))
    with pytest.raises(StudyError, match=r"\(6, 5, 4\); a station has"):
        stack(tmp_path)
