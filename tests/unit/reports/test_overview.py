import dataclasses
import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.findings.finding import SegmentShare
from deepvein.findings.screening import Verdict
from deepvein.reports.overview import PAPER, SCREEN, OverviewStyle, overview, spread
from deepvein.studies.study import Modality
from unit.reports.legs import screening


def colours(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def red(picture: np.ndarray) -> np.ndarray:
    return (picture[..., 0] > 190) & (picture[..., 1] < 70) & (picture[..., 2] < 70)


@pytest.mark.parametrize("modality", Modality)
def test_the_finding_is_red_on_the_left_leg(modality: Modality) -> None:
    picture = colours(overview(screening(modality)))
    legs = picture[:, : int(picture.shape[1] * 0.6)]
    rows, columns = np.nonzero(red(legs))
    # The patient's left leg is on the right of the picture.
    assert len(rows) > 200
    assert columns.min() > legs.shape[1] / 2


@pytest.mark.parametrize("verdict", [Verdict.NOT_SUSPECTED, Verdict.NOT_ASSESSABLE])
def test_without_findings_there_is_no_red_on_the_legs(verdict: Verdict) -> None:
    picture = colours(overview(screening(Modality.CT, verdict)))
    assert not red(picture[:, : int(picture.shape[1] * 0.6)]).any()


heights = st.lists(st.floats(-1000, 1000), max_size=10).map(lambda h: sorted(h, reverse=True))


@given(heights)
def test_labels_keep_their_distance_and_their_order(found: list[float]) -> None:
    placed = spread(found, 20.0)
    assert len(placed) == len(found)
    assert all(a - b >= 20.0 - 1e-6 for a, b in pairwise(placed))


def test_labels_that_have_room_stay() -> None:
    assert spread([100.0, 50.0], 20.0) == [100.0, 50.0]


def test_labels_stay_below_the_letters_of_the_sides() -> None:
    assert spread([100.0, 95.0], 20.0, top=90.0) == [90.0, 70.0]
    assert spread([], 20.0, top=90.0) == []


@pytest.mark.parametrize("style", [SCREEN, PAPER])
def test_long_names_of_veins_are_cut_to_the_room_beside_the_legs(style: OverviewStyle) -> None:
    calf = (VeinSegment.POPLITEAL, VeinSegment.GASTROCNEMIUS, VeinSegment.POSTERIOR_TIBIAL)
    shares = tuple(SegmentShare(vein, 1.0, 10.0) for vein in (*calf, VeinSegment.PERONEAL))
    said = screening()
    found = dataclasses.replace(said.findings[0], side=Side.RIGHT, segments=shares)
    picture = colours(overview(dataclasses.replace(said, findings=(found,)), style))
    assert red(picture).any()
    assert not red(picture[:, :3]).any()
