import dataclasses

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment, decode
from deepvein.reports.masks import named_veins, thrombus_labels, vein_mask
from unit.reports.legs import screening


def test_veins_and_thrombi_carry_the_name_and_side_of_their_territory():
    made = screening()
    labels = named_veins(made)
    shown = (vein_mask(made) > 0) | (thrombus_labels(made) > 0)
    assert labels.dtype == np.uint8
    assert (thrombus_labels(made)[labels == 0] == 0).all()
    assert (shown[labels > 0]).all()
    points = made.study.volume.grid.to_world(np.argwhere(labels > 0))
    names = [decode(label) for label in labels[labels > 0].tolist()]
    assert {side for _, side in names} == {Side.LEFT, Side.RIGHT}
    assert all(
        (side is Side.LEFT) == (x > 0) for (_, side), x in zip(names, points[:, 0], strict=True)
    )
    assert all(segment < VeinSegment.GREAT_SAPHENOUS for segment, _ in names)


def test_a_screening_that_asked_no_model_names_no_vein():
    made = dataclasses.replace(screening(), prediction=None, tree=None, findings=())
    assert not named_veins(made).any()
