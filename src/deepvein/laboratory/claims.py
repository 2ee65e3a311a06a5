"""What a reproduction says about the claims of its paper: one line each, under one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, isnan

from deepvein.evaluation.statistics import Estimate
from deepvein.evaluation.tables import Table
from deepvein.laboratory.report_page import Chapter, Exhibit

LEVEL = 0.05
NOT_MEASURED = Estimate(float("nan"), float("nan"), float("nan"))

_RULE = """\
Here is the difference in the claim's direction, with its 95 % interval over patients. Confirmed: the \
interval lies above 0 and p is below 0.05. Not confirmed: the interval lies below 0 and p is below 0.05, or \
it holds 0 and not the published difference. Otherwise it cannot be told here: not measured, or too few \
patients to tell the published difference from none. A score is confirmed where its interval lies within the \
published mean ± SD, and not where it lies outside."""


class Verdict(StrEnum):
    """What is said of a claim."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    OPEN = "cannot be told here"


@dataclass(frozen=True)
class Claim:
    """text: the claim; published: what the paper has for it; here: what was found; test: which, with its p
    or why there is none."""

    text: str
    published: str
    here: str
    test: str
    verdict: Verdict


def of_difference(text: str, published: float | None, here: Estimate, test: str, p: float) -> Claim:
    """A claim that one is better than another.

    published: the paper's difference, None where it gives none. here: ours, positive where it is as claimed;
    NaN where it was not measured. p: of the two-sided `test`, NaN for none.
    """
    told = f"{test}, p {_p(p)}" if isfinite(p) else "–"
    verdict = Verdict.OPEN
    if here.low > 0 and p < LEVEL:
        verdict = Verdict.CONFIRMED
    elif (here.high < 0 and p < LEVEL) or (
        published is not None and here.low <= 0 and here.high < published
    ):
        verdict = Verdict.NOT_CONFIRMED
    shown = "not stated" if published is None else f"{published:+.2f}"
    return Claim(text, shown, "not measured" if isnan(here.value) else f"{here:.2f}", told, verdict)


def of_score(text: str, mean: float, sd: float, here: Estimate) -> Claim:
    """A claim about a score itself; NaN in `here` where it was not measured."""
    low, high = mean - sd, mean + sd
    verdict = Verdict.OPEN
    if low <= here.low and here.high <= high:
        verdict = Verdict.CONFIRMED
    elif here.high < low or here.low > high:
        verdict = Verdict.NOT_CONFIRMED
    shown = "not measured" if isnan(here.value) else f"{here:.2f}"
    return Claim(text, f"{mean:.2f} ± {sd:.2f}", shown, "interval against mean ± SD", verdict)


def chapter(claims: Sequence[Claim]) -> Chapter:
    """The last chapter of a page."""
    title = "What this says about the paper's claims"
    columns = ("Claim", "Published", "Here (95 % interval)", "Test", "Verdict")
    rows = tuple((c.text, c.published, c.here, c.test, str(c.verdict)) for c in claims)
    exhibit = Exhibit(title, ours=Table(title, columns, rows), name="claims")
    numbers = (("interval of every claim", "95 %"), ("no difference", "0"), ("level of p", "0.05"))
    return Chapter(title, _RULE, (exhibit,), numbers)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
