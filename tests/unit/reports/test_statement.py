import dataclasses

from deepvein.findings.finding import Occlusion
from deepvein.findings.screening import Verdict
from deepvein.reports.statement import chance, findings_heading, headline
from unit.reports.legs import screening


def test_headlines() -> None:
    def of(verdict: Verdict) -> str:
        return headline(screening(verdict=verdict))

    assert of(Verdict.SUSPECTED).startswith("One finding: in the left femoral and popliteal veins")
    assert "No thrombus was marked" in of(Verdict.NOT_SUSPECTED)
    assert "No statement" in of(Verdict.NOT_ASSESSABLE)
    assert findings_heading(screening()) == "Findings"


def test_an_occlusion_that_is_not_known_is_no_part_of_the_headline() -> None:
    result = screening()
    thin = dataclasses.replace(result.findings[0], occlusion=Occlusion.UNDETERMINED)
    assert headline(dataclasses.replace(result, findings=(thin,))).endswith("mm long, proximal.")


def test_what_is_marked_where_nothing_can_be_assessed_is_no_finding() -> None:
    result = dataclasses.replace(screening(), verdict=Verdict.NOT_ASSESSABLE, probability=None)
    assert headline(result).endswith("; what was marked in it is there to be looked at.")
    assert findings_heading(result) == "Marked, not assessed"


def test_findings_of_a_study_below_the_operating_point_do_not_contradict_it() -> None:
    result = dataclasses.replace(screening(), verdict=Verdict.NOT_SUSPECTED, probability=0.3)
    assert headline(result).startswith(
        "One finding, though the study as a whole stays below the operating point: in the left"
    )


def test_chance_is_told_beside_its_threshold() -> None:
    assert chance(screening()) == ("96 %", "at or above the operating point “balanced”, 40 %")
    assert chance(screening(verdict=Verdict.NOT_ASSESSABLE)) is None


def test_a_suspicion_without_a_finding_does_not_read_as_an_all_clear() -> None:
    said = headline(dataclasses.replace(screening(), findings=()))
    assert "suspicious" in said
    assert "no single thrombus was marked" in said
