"""What the command line says of values that do not fit, in the project's own words."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

_SENTENCES = {
    "int_parsing": "{input!r} is not a whole number",
    "float_parsing": "{input!r} is not a number",
    "greater_than_equal": "{input} is too small; {ge} or more is needed",
    "less_than_equal": "{input} is too large; {le} or less is needed",
    "value_error": "{error}",
}
"""By the kinds of errors of pydantic, which typer lets check values from version 0.25 on."""


class PlainGroup(TyperGroup):
    """Commands whose values are refused with the value and what would fit, never in a library's words."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _plain(error)
            raise


def _plain(error: typer.BadParameter) -> str:
    """The message of `error`, made from the first thing that the check of its value found."""
    found = getattr(error.__cause__, "errors", None)
    if not callable(found):
        return error.message
    first = found()[0]
    sentence = _SENTENCES.get(first["type"], "{input!r} does not fit: {msg}")
    return sentence.format(**first, **first.get("ctx", {})).rstrip(".")
