import numpy as np

from deepvein.studies.dicom.appearance import look
from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.volumes.grid import CORONAL
from unit.studies import making

GRID = making.grid_of((12, 40, 40), (5.0, 2.0, 2.0))


def legs(vessel=150):
    """A leg of muscle in air, with a vessel of 16 mm in it."""
    row, column = np.mgrid[:40, :40] - 19.5
    plane = np.where(np.hypot(row, column) < 17, 55, -1000)
    plane[np.hypot(row + 6, column) < 4] = vessel
    return np.tile(plane.astype(np.int16), (12, 1, 1))


def only(folder, array, grid=GRID):
    making.series(folder, grid, array)
    (found,) = group(read_headers(sorted(folder.iterdir())))
    return found


def test_contrast_and_air_are_seen(tmp_path):
    assert look(only(tmp_path / "a", legs())).opacified
    seen = look(only(tmp_path / "b", legs(vessel=50)))
    assert seen.has_air
    assert not seen.opacified
    assert not look(only(tmp_path / "c", np.abs(legs()) // 20)).has_air


def test_what_cannot_be_looked_at(tmp_path):
    coronal = making.grid_of((12, 40, 40), directions=CORONAL)
    assert look(only(tmp_path / "a", legs(), coronal)) is None
    cut = only(tmp_path / "b", legs())
    for path in (tmp_path / "b").iterdir():
        path.write_bytes(path.read_bytes()[:-100])
    assert look(cut) is None
