from deepvein.laboratory.phantom_audit import published
from deepvein.laboratory.phantom_audit.published import Range


def test_middles_lie_in_their_ranges_and_have_sources() -> None:
    every = [v for v in vars(published).values() if isinstance(v, Range)]
    every += [*published.DIAMETER_MM.values(), *published.THROMBUS_MM.values()]
    every += published.VEIN_HU.values()
    assert len(every) > 30
    assert all(one.low <= one.middle <= one.high and one.source for one in every)
    assert Range.mean(10, 2, "x") == Range(10, 8, 12, "x")
