import numpy as np
import pytest

from deepvein.anatomy.tissues import TISSUES, Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.errors import CohortError
from deepvein.examples.courses.scene import (
    PIXEL_MM,
    SIZE,
    STEP_MM,
    load_pair,
    paint,
    paint_pair,
    save_pair,
)
from deepvein.phantoms.phantom import sample
from deepvein.studies.study import Modality


@pytest.fixture(scope="module")
def scenario():
    return sample(3, Modality.CT, False)


@pytest.fixture(scope="module")
def popliteal(scenario):
    return paint(scenario, Side.LEFT, ("popliteal",))


def test_a_scene_follows_its_vein_from_below(scenario, popliteal):
    tube = scenario.vessels.by_name["left popliteal"].tube
    assert popliteal.z_mm[0] == pytest.approx(tube.low_mm)
    assert np.diff(popliteal.z_mm) == pytest.approx(STEP_MM)
    assert len(popliteal.z_mm) == len(np.arange(tube.low_mm, tube.high_mm, STEP_MM))
    middle = len(popliteal.z_mm) // 2
    section = tube.at(float(popliteal.z_mm[middle]))
    assert popliteal.ellipse[middle] == pytest.approx([0, 0, *section[2:]], rel=1e-5)


def test_a_vein_whose_length_is_a_whole_number_of_steps_is_followed_to_its_end():
    """NumPy's `arange` may end a hair above what it is told to stay below."""
    person = sample(717587163, Modality.CT, False)
    tube = person.vessels.by_name["right deep femoral"].tube
    scene = paint(person, Side.RIGHT, ("deep femoral",))
    assert len(scene.z_mm) == 93  # 276 mm and a rounding error
    assert scene.z_mm[-1] == pytest.approx(tube.high_mm)


def test_no_blood_is_painted_but_its_place_is_known(popliteal):
    # The brightest soft tissue behind the knee is far below opacified blood.
    artery = popliteal.arteries > 250
    assert artery.any(axis=(1, 2)).mean() > 0.9
    assert np.median(popliteal.tissue[artery]) < TISSUES[Tissue.MUSCLE].hu + 20
    centre = slice(SIZE // 2 - 1, SIZE // 2 + 1)
    assert popliteal.deep[5:-5, centre, centre].mean() < 60


def test_both_legs_look_alike():
    right, left = paint_pair(8)
    n = min(len(right.z_mm), len(left.z_mm))
    columns = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM

    def aside(scene):
        """Mean place across of the arteries, mm to the outside."""
        weights = scene.arteries[:n].sum(axis=1).astype(float)
        return (weights @ columns)[weights.sum(axis=1) > 0].mean()

    assert aside(right) * aside(left) > 0


def test_scenes_come_back_from_disk_as_they_were(tmp_path, popliteal):
    save_pair(tmp_path / "pair.npz", (popliteal, popliteal))
    one, other = load_pair(tmp_path / "pair.npz")
    for name in ("tissue", "arteries", "deep", "other", "ellipse", "z_mm", "shown"):
        assert np.array_equal(getattr(one, name), getattr(popliteal, name))
        assert np.array_equal(getattr(other, name), getattr(popliteal, name))


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "pair.npz").write_bytes(b"no scenes")
    with pytest.raises(CohortError, match="holds no scenes"):
        load_pair(tmp_path / "pair.npz")
