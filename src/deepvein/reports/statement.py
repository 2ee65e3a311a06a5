"""The result in words: one sentence, and the probability beside its threshold."""

from __future__ import annotations

from deepvein.findings.finding import Occlusion
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import texts


def headline(screening: Screening) -> str:
    """The result in one sentence."""
    if screening.verdict is Verdict.NOT_ASSESSABLE:
        marked = "; what was marked in it is there to be looked at" if screening.findings else ""
        return f"No statement about deep vein thrombosis can be made from this study{marked}."
    count = len(screening.findings)
    if not count and screening.verdict is Verdict.SUSPECTED:
        return (
            "The study as a whole is suspicious, but no single thrombus was marked: all deep veins are to be "
            "looked at."
        )
    if not count:
        return "No thrombus was marked in the deep veins that could be seen."
    first = screening.findings[0]
    number = "One finding" if count == 1 else f"{count} findings"
    if screening.verdict is Verdict.NOT_SUSPECTED:
        number += ", though the study as a whole stays below the operating point"
    lead = "" if count == 1 else "the first "
    told = first.occlusion is not Occlusion.UNDETERMINED
    occlusion = f"{first.occlusion.value}, " if told else ""
    return (
        f"{number}: {lead}in the {first.place}, {texts.millimetres(first.extent_mm)} long, "
        f"{occlusion}{first.level.value}."
    )


def findings_heading(screening: Screening) -> str:
    """Above the table: where nothing can be assessed, what was marked is no finding."""
    return "Marked, not assessed" if screening.verdict is Verdict.NOT_ASSESSABLE else "Findings"


def chance(screening: Screening) -> tuple[str, str] | None:
    """The probability, and how it stands to the operating point; None if there is no probability."""
    probability, point = screening.probability, screening.operating_point
    if probability is None:
        return None
    said, threshold = texts.percent(probability), texts.percent(point.threshold)
    if said == threshold and probability != point.threshold:
        said, threshold = (texts.exact_percent(p) for p in (probability, point.threshold))
    side = "below" if probability < point.threshold else "at or above"
    return said, f"{side} the operating point “{point.name}”, {threshold}"
