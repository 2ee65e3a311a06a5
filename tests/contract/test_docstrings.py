"""The public names say what they take, give and raise, in sections that numpydoc checks."""

from __future__ import annotations

import pytest
from numpydoc.validate import validate

import deepvein

CHECKS = {
    "GL01",
    "GL06",
    "GL07",
    "GL08",
    "SS02",
    "SS03",
    "PR01",
    "PR02",
    "PR03",
    "PR07",
    "RT01",
    "RT03",
}
"""Summary, parameters as they are and in their order, each described, and what is returned.

A class is documented by its attributes, which PR01 and PR02 take for the parameters of its constructor.
"""

PUBLIC = sorted(set(deepvein.__all__) - {"__version__"})


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented_in_sections(name: str) -> None:
    left_out = {"PR01", "PR02"} if isinstance(getattr(deepvein, name), type) else set()
    found = validate(f"deepvein.{name}")["errors"]
    assert [text for code, text in found if code in CHECKS - left_out] == []


def test_a_function_says_what_it_raises() -> None:
    for name in PUBLIC:
        if not isinstance(getattr(deepvein, name), type):
            assert "Raises\n------" in (getattr(deepvein, name).__doc__ or "").replace(
                "    ", ""
            ), name
