from hypothesis import given
from hypothesis import strategies as st

from deepvein.reports.probability_profile import lanes_of

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
