"""Which complete studies are screened, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from deepvein.node.states import Priority


@dataclass(frozen=True)
class Rule:
    """What a series must be like for its study to be decided by this rule.

    modality: one of these, () for any. body_part, description, calling_ae: patterns with `*` and `?`, upper
    and lower case alike; description is that of the study or the series. screen: False leaves the study out.
    """

    modality: tuple[str, ...] = ()
    body_part: str = "*"
    description: str = "*"
    calling_ae: str = "*"
    screen: bool = True
    priority: Priority = Priority.ROUTINE


DEFAULT_RULES = (Rule(modality=("CT", "MR")),)


@dataclass(frozen=True)
class SeriesFacts:
    """What rules ask of one series of a study."""

    modality: str
    body_part: str
    descriptions: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What becomes of a study; `reason` says why it is left out."""

    screen: bool
    priority: Priority = Priority.ROUTINE
    reason: str = ""


def decide(series: Sequence[SeriesFacts], calling_ae: str, rules: Sequence[Rule]) -> Decision:
    """The first rule that one of the series meets decides; a study that meets none is left out."""
    for number, rule in enumerate(rules, start=1):
        if any(_meets(one, calling_ae, rule) for one in series):
            if rule.screen:
                return Decision(screen=True, priority=rule.priority)
            return Decision(screen=False, reason=f"rule {number} leaves it out")
    kinds = ", ".join(sorted({one.modality or "no modality" for one in series})) or "no series"
    return Decision(screen=False, reason=f"no rule says that it is screened (it holds {kinds})")


def _meets(series: SeriesFacts, calling_ae: str, rule: Rule) -> bool:
    kinds = {one.upper() for one in rule.modality}
    return (
        (not kinds or series.modality.upper() in kinds)
        and _fits(series.body_part, rule.body_part)
        and any(_fits(one, rule.description) for one in series.descriptions)
        and _fits(calling_ae, rule.calling_ae)
    )


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.upper(), pattern.upper())
