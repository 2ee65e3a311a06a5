import numpy as np
import pytest

from deepvein.studies.bodypart import BodyPart, BodySettings, body_part, sections
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.studies import anatomy


@pytest.mark.parametrize(
    ("plane", "expected"),
    [
        (anatomy.legs(), BodyPart.LEGS),
        (anatomy.chest(), BodyPart.CHEST),
        (anatomy.head(), BodyPart.HEAD),
        (anatomy.trunk(), BodyPart.UNKNOWN),
        (np.full(anatomy.SHAPE[1:], -1000.0), BodyPart.NOTHING),
    ],
    ids=lambda value: value.value if isinstance(value, BodyPart) else "",
)
def test_what_a_ct_shows(plane, expected):
    made = anatomy.volume(plane)
    assert body_part(made, Modality.CT) is expected
    assert body_part(anatomy.coronal(made), Modality.CT) is expected


def test_a_whole_body_that_ends_in_legs_counts_as_legs():
    trunk, legs = anatomy.volume(anatomy.chest()), anatomy.volume(anatomy.legs())
    array = np.concatenate([legs.array[:15], trunk.array[:25]])
    assert body_part(Volume(array, legs.grid), Modality.CT) is BodyPart.LEGS


def test_one_leg_is_left_open():
    plane = anatomy.legs()
    plane[:, 75:] = -1000
    assert body_part(anatomy.volume(plane), Modality.CT) is BodyPart.UNKNOWN


@pytest.mark.parametrize("radii_mm", [(38, 30), (47, 34)])
def test_one_knee_is_no_head(radii_mm):
    y, x = np.mgrid[:200, :200] * 0.8 - 80.0
    plane = np.where(np.hypot(x, y) < 62, -98.0, -1000.0)
    plane[np.hypot(x, y) < 52] = 62.0
    bone = np.hypot(x / radii_mm[0], (y + 8) / radii_mm[1])
    plane[bone < 1] = 450.0
    made = Volume(
        np.repeat(plane[None], 60, axis=0), Grid.from_directions((60, 200, 200), (2, 0.8, 0.8))
    )
    assert np.mean(plane[plane > -300] > 300) > BodySettings().skull_share
    assert body_part(made, Modality.CT) is BodyPart.UNKNOWN


def test_mr_knows_two_limbs_and_nothing_else():
    for plane, expected in [
        (anatomy.legs(table=False), BodyPart.LEGS),
        (anatomy.head(), BodyPart.UNKNOWN),
    ]:
        bright = np.where(plane > -300, 400.0 + plane / 10, 5.0)
        made = anatomy.volume(bright, noise=3.0)
        assert body_part(anatomy.coronal(made), Modality.MR) is expected
    empty = anatomy.volume(np.zeros(anatomy.SHAPE[1:]), noise=0)
    assert body_part(empty, Modality.MR) is BodyPart.NOTHING


def test_sections_are_few_and_thin_and_know_their_area():
    made = anatomy.volume(anatomy.legs())
    found = list(sections(made, BodySettings(levels=7, pixel_mm=6.5)))
    assert len(found) == 7
    assert found[0][0].shape == (60, 75)
    assert found[0][1] == pytest.approx(0.36)
