from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing.figures import canvas
from deepvein.reports.probability_profile import draw_lanes, lanes_of

spans = st.lists(
    st.tuples(st.floats(-1000, 1000), st.floats(0, 300)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=13,
)


@given(spans)
def test_bars_in_a_lane_never_touch(found: list[tuple[float, float]]) -> None:
    lanes = lanes_of(found)
    for i, (low, high) in enumerate(found):
        for j in range(i):
            if lanes[i] == lanes[j]:
                assert high < found[j][0] or low > found[j][1]


def test_free_lanes_are_used_again() -> None:
    assert lanes_of([(0, 100), (50, 150), (200, 300), (120, 140)]) == [0, 1, 0, 0]


def test_names_stand_beside_their_bars() -> None:
    """Five lanes, where the bars take the greatest part of the width."""
    figure = canvas(220, 800)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_ylim(0, 100)
    segments = list(VeinSegment)[:5]
    tree = SimpleNamespace(courses=(1,), spans_mm=dict.fromkeys(segments, (0.0, 100.0)))
    draw_lanes(axes, tree, 8.0)
    figure.canvas.draw()
    for bar, name in zip(axes.lines, axes.texts, strict=True):
        middle = axes.transData.transform((bar.get_xdata()[0], 50))[0]
        assert name.get_window_extent().x0 > middle + bar.get_linewidth() / 2 * figure.dpi / 72
