import pytest

from deepvein.studies.study import Remark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the slices are axial", "The slices are axial."),
        ("IM0001.dcm was left out", "IM0001.dcm was left out."),
        ("scan_2.dcm was left out", "scan_2.dcm was left out."),
        (
            "metal from z = -315 to -60 mm, at 2020-10-21",
            "Metal from z = −315 to −60 mm, at 2020-10-21.",
        ),
        ("The study does not show the calf.", "The study does not show the calf."),
    ],
)
def test_a_remark_is_a_sentence_for_people(text, expected):
    assert Remark("code", text).sentence == expected
