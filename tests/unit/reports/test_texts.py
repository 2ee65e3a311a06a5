import dataclasses

import pytest

from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Occlusion
from deepvein.reports import texts
from unit.reports.legs import screening


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (None, "–"),
        (0.0, "< 1 %"),
        (0.004, "< 1 %"),
        (0.5, "50 %"),
        (0.996, "> 99 %"),
        (1, "> 99 %"),
    ],
)
def test_a_percentage_never_claims_certainty(probability: float | None, text: str) -> None:
    assert texts.percent(probability) == text


def test_positions_are_said_as_scanners_do() -> None:
    assert texts.position((12.34, -5.0, -400.0)) == "L 12.3, A 5.0, I 400.0 mm"
    assert texts.position((-1.0, 2.0, 3.0)) == "R 1.0, P 2.0, S 3.0 mm"


def test_small_numbers_keep_a_digit_more() -> None:
    assert (texts.millimetres(84.4), texts.millimetres(4.44)) == ("84 mm", "4.4 mm")
    assert (texts.millilitres(3.21), texts.millilitres(0.052)) == ("3.2 ml", "0.05 ml")


def test_places_are_short() -> None:
    finding = screening().findings[0]
    assert texts.short_place(finding) == "L FV, POPV"
    unknown = dataclasses.replace(finding, side=Side.UNKNOWN, segments=())
    assert texts.short_place(unknown) == "vein"
    assert texts.occlusion(finding) == "occlusive, 97 % of the section"
    thin = dataclasses.replace(finding, occlusion=Occlusion.UNDETERMINED, occluded_fraction=0.0)
    assert texts.occlusion(thin) == "not known, too few pixels across"
