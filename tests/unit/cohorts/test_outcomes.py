from __future__ import annotations

import pytest

from deepvein.cohorts.outcomes import CohortCheck, first_of, listed, outcome, require_passed
from deepvein.core.errors import CohortError


def test_what_failed_is_listed_and_what_is_long_is_counted() -> None:
    assert listed(["a", "b", "c"], most=2) == "'a', 'b' and 1 more"
    assert listed(["a"]) == "'a'"
    assert first_of("abc", most=2) == ["a", "b", "and 1 more"]


def test_only_fatal_checks_that_failed_are_refused() -> None:
    good = outcome("names", [], "all differ", lambda names: "never")
    note = CohortCheck("alike", passed=False, fatal=False, text="a note", cases=("a",))
    require_passed([good, note])
    bad = outcome("files", ["a"], "all there", lambda names: f"no file for {listed(names)}")
    with pytest.raises(CohortError, match="^no file for 'a'$"):
        require_passed([good, note, bad])
    with pytest.raises(CohortError, match="2 things are wrong with the cohort: no file"):
        require_passed([bad, bad])
