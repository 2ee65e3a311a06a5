import numpy as np

from deepvein.laboratory.phantom_audit.patches import SIZE, Place, cut, joined, places
from deepvein.laboratory.phantom_audit.sections import Section
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.studies.study import Modality

ORDER = orders(AuditSettings(Modality.CT))[1]
PIXELS = Pixels(np.arange(-60, 60, 1.0), np.arange(-60, 60, 1.0))
EMPTY = np.zeros(PIXELS.shape, dtype=np.uint8)


class Stack:
    """Sections 1 mm apart of 10 to 19 mm whose value is their height; thrombus in one of them."""

    heights_mm = tuple(float(z) for z in range(10, 20))

    def section(self, index: int) -> Section:
        z = self.heights_mm[index]
        thrombi = EMPTY.copy()
        if z == 15:
            thrombi[60:66, 60:66] = 1
        picture = np.full(PIXELS.shape, z, dtype=np.float32)
        return Section(Modality.CT, z, PIXELS, picture, EMPTY, thrombi, EMPTY, EMPTY)


def test_a_patch_shows_the_nearest_section_around_its_place() -> None:
    found = cut(ORDER, Stack(), ((Place(50, 0, 16.8),), (Place(0, 0, 15.2), Place(50, 0, 15.2))))
    assert found.pictures.shape == (3, 1, 2, SIZE, SIZE)
    heights = (found.pictures[:, 0, 0, 0, 0] / 0.012 + 55).round(3)
    assert heights.tolist() == [15, 15, 17]
    assert found.thrombus.tolist() == [True, False, False]
    pictures, truth, studies = joined([found, found])
    assert len(pictures) == len(truth) == len(studies) == 6


def test_every_height_is_looked_at_on_both_sides_and_places_do_not_change() -> None:
    scenario = ORDER.scenario()
    found = places(ORDER, scenario, 4)
    assert len(found) == 4
    assert all(1 <= len(group) <= 2 for group in found)
    assert found == places(ORDER, scenario, 4)
