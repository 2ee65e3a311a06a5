from __future__ import annotations

from itertools import combinations

from deepvein.phantoms.mr.centres import CENTRES

_DIFFER = (
    "repetition_time_ms",
    "flip_angle_deg",
    "fat_suppression",
    "vein_snr",
    "slice_mm",
    "overlap_mm",
    "early_share",
    "manufacturer",
    "model",
)


def test_three_centres_differ_in_everything_that_matters() -> None:
    assert list(CENTRES) == ["A", "B", "C"]
    for one, other in combinations(CENTRES.values(), 2):
        for name in _DIFFER:
            assert getattr(one, name) != getattr(other, name), name
    assert {s.field_t for s in CENTRES.values()} == {1.5, 3.0}


def test_the_first_is_the_published_protocol() -> None:
    a = CENTRES["A"]
    assert (a.repetition_time_ms, a.echo_time_ms, a.flip_angle_deg) == (3.17, 1.13, 25.0)
