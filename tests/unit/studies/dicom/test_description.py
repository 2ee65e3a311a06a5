import pytest

from deepvein.studies.dicom.description import ELSEWHERE, LEGS, PROJECTION, SCOUT, SHARP, phase


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ct venography 120s", "venous"),
        ("venöse phase becken-bein", "venous"),
        ("legs delayed 3 min", "venous"),
        ("bein spaet", "venous"),
        ("indirect ctv", "venous"),
        ("cta run-off legs", "arterial"),
        ("aorto-femoral runoff arterial", "arterial"),
        ("arterial and venous", "venous"),
        ("nativ becken", "native"),
        ("non-contrast legs", "native"),
        ("legs 1.5 b30f", ""),
        ("convention", ""),
        ("smart", ""),
    ],
)
def test_phases_by_the_words_that_are_used(text, named):
    assert phase(text) == named


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        (SCOUT, ["scout", "localizer", "3-plane localiser", "topogram 0.6 t20f"], ["legs"]),
        (PROJECTION, ["mip cor", "vrt", "cor mip 10mm"], ["mipi", "vrtx", "limp"]),
        (LEGS, ["leg", "both legs", "lower extremity", "pelvis", "unterschenkel"], ["legal"]),
        (ELSEWHERE, ["chest", "thorax", "brain", "abdomen"], ["arms-up legs", "venous"]),
        (
            SHARP,
            ["b70f", "br64f", "bone", "fc51", "bonplus edge", "yb"],
            ["b30f", "br40", "fc13", "b"],
        ),
    ],
)
def test_words_that_count(pattern, hits, misses):
    assert [text for text in hits if not pattern.search(text)] == []
    assert [text for text in misses if pattern.search(text)] == []
