from pathlib import Path

import numpy as np

from deepvein.studies.masks.filling import with_thrombi
from deepvein.studies.masks.labels import Labels
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((12, 3, 3), (5.0, 1.0, 1.0))


def labels(**parts: tuple[slice, int]) -> Labels:
    array = np.zeros(GRID.shape, np.uint8)
    for part, value in parts.values():
        array[part, 1, 1] = value
    return Labels(Volume(array, GRID))


def test_a_thrombus_between_two_veins_is_shared_by_the_nearer() -> None:
    veins = labels(popliteal=(slice(0, 3), 8), femoral=(slice(9, 12), 7))
    clot = labels(clot=(slice(3, 9), 1))
    found = with_thrombi(veins, clot, Path("P1.nii"))
    assert found.volume.array[:, 1, 1].tolist() == [8] * 6 + [7] * 6
    assert np.count_nonzero(found.volume.array) == 12
    assert found.remarks == (
        "P1.nii marks thrombi and veins apart; 6 voxels of thrombi are counted to the nearest vein too",
    )
    assert veins.volume.array[4, 1, 1] == 0


def test_thrombi_within_veins_and_maps_without_veins_change_nothing() -> None:
    veins, clot = labels(vein=(slice(0, 12), 8)), labels(clot=(slice(3, 9), 1))
    assert with_thrombi(veins, clot, Path("P1.nii")) is veins
    apart = labels(vein=(slice(0, 3), 8))
    assert with_thrombi(apart, labels(clot=(slice(5, 9), 1)), Path("P1.nii")) is apart
    nothing = labels()
    assert with_thrombi(nothing, clot, Path("P1.nii")) is nothing
    assert with_thrombi(veins, nothing, Path("P1.nii")) is veins
