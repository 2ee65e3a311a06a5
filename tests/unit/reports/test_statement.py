import dataclasses

from deepvein.findings.screening import Verdict
from deepvein.reports.statement import chance, headline
from unit.reports.legs import screening


def test_headlines() -> None:
    def of(verdict: Verdict) -> str:
        return headline(screening(verdict=verdict))

    assert of(Verdict.SUSPECTED).startswith("One finding: in the left femoral and popliteal vein")
    assert "No thrombus was marked" in of(Verdict.NOT_SUSPECTED)
    assert "No statement" in of(Verdict.NOT_ASSESSABLE)


def test_findings_of_a_study_below_the_operating_point_do_not_contradict_it() -> None:
    result = dataclasses.replace(screening(), verdict=Verdict.NOT_SUSPECTED, probability=0.3)
    assert headline(result).startswith(
        "One finding, though the study as a whole stays below the operating point: in the left"
    )


def test_chance_is_told_beside_its_threshold() -> None:
    assert chance(screening()) == ("96 %", "at or above the operating point “balanced”, 40 %")
    assert chance(screening(verdict=Verdict.NOT_ASSESSABLE)) is None
