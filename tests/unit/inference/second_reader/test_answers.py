import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.inference.second_reader.answers import WayReading, answers_at
from deepvein.inference.second_reader.way import STEP_MM, Way

SIZE, PIXEL_MM = 28, 0.9


def reading(x_mm: float, side: Side = Side.LEFT) -> WayReading:
    """Twenty sections from z = 0; thrombus rises with the section, a pixel's with its column."""
    n = 20
    way = Way(
        side,
        np.arange(n),
        np.column_stack([np.full(n, x_mm), np.full(n, 5.0)]),
        np.ones(n, bool),
        np.full(n, 7, np.uint8),
    )
    rising = np.linspace(0, 0.95, n).astype(np.float32)
    columns = np.linspace(0, 1, SIZE, dtype=np.float32)
    pixels = np.broadcast_to(columns, (n, SIZE, SIZE)).copy()
    return WayReading(way, rising, 1 - rising, pixels, PIXEL_MM)


def test_sections_are_read_between_their_heights_and_pixels_between_their_middles():
    points = np.array([[60.0, 5.0, 4.5 * STEP_MM], [60.0 + 4.5 * PIXEL_MM, 5.0, 10 * STEP_MM]])
    answers = answers_at((reading(60.0),), points)
    assert answers.thrombus == pytest.approx([4.5 * 0.05, 0.5])
    assert answers.artefact == pytest.approx([1 - 4.5 * 0.05, 0.5])
    assert answers.pixel == pytest.approx([0.5, 18 / 27])


def test_columns_of_a_right_leg_run_to_the_right():
    points = np.array([[-60.0 - 4.5 * PIXEL_MM, 5.0, 30.0]])
    assert answers_at((reading(-60.0, Side.RIGHT),), points).pixel == pytest.approx([18 / 27])


@pytest.mark.parametrize(
    "point", [(60.0, 5.0, -3.0), (60.0, 5.0, 61.0), (73.0, 5.0, 30.0), (60.0, 18.0, 30.0)]
)
def test_beyond_every_section_nothing_was_read(point):
    answers = answers_at((reading(60.0),), np.array([point]))
    assert [answers.pixel[0], answers.thrombus[0], answers.artefact[0]] == [0, 0, 0]


def test_of_two_ways_the_nearer_one_speaks():
    points = np.array([[62.0, 5.0, 30.0], [67.0, 5.0, 30.0]])
    one, other = reading(60.0), reading(70.0)
    alone = [answers_at((one,), points[:1]).pixel[0], answers_at((other,), points[1:]).pixel[0]]
    assert answers_at((one, other), points).pixel == pytest.approx(alone)
    assert answers_at((other, one), points).pixel == pytest.approx(alone)


def test_without_ways_or_places_there_are_no_answers():
    assert answers_at((), np.array([[60.0, 5.0, 30.0]])).thrombus.tolist() == [0]
    assert len(answers_at((reading(60.0),), np.zeros((0, 3))).thrombus) == 0
