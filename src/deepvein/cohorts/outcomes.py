"""What a check of a cohort found, and how a message lists it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deepvein.core.errors import CohortError


@dataclass(frozen=True)
class CohortCheck:
    """The outcome of one check.

    code: stable name. fatal: the cohort cannot be used if it failed. cases: those that failed.
    """

    code: str
    passed: bool
    fatal: bool
    text: str
    cases: tuple[str, ...] = ()


def outcome(
    code: str, failed: list[str], good: str, bad: Callable[[list[str]], str]
) -> CohortCheck:
    """The outcome of a check without which a cohort cannot be used; `failed` are the names of its cases."""
    return CohortCheck(
        code, not failed, fatal=True, text=bad(failed) if failed else good, cases=tuple(failed)
    )


def require_passed(outcomes: Iterable[CohortCheck]) -> None:
    """CohortError with all fatal checks that failed, in one sentence."""
    require_none(one.text for one in outcomes if one.fatal and not one.passed)


def require_none(problems: Iterable[str]) -> None:
    """CohortError that lists all problems, if there is any."""
    found = list(problems)
    if len(found) > 1:
        raise CohortError(f"{len(found)} things are wrong with the cohort: {'; '.join(found)}")
    if found:
        raise CohortError(found[0])


def listed(names: list[str], most: int = 12) -> str:
    """Names as a message lists them, the rest counted."""
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def first_of(texts: Iterable[str], most: int = 12) -> list[str]:
    """The first of the texts; the last one then counts the rest."""
    listed = list(texts)
    more = [f"and {len(listed) - most} more"] if len(listed) > most else []
    return listed[:most] + more
