"""What all HTML pages are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(room: str) -> Environment:
    """Templates of a room, such as "laboratory", and of this one; all text is escaped, none may be missing."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    rooms = (room, "drawing")
    return Environment(
        loader=ChoiceLoader([PackageLoader(f"deepvein.{one}") for one in rooms]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def slug(title: str) -> str:
    """A title as an anchor or a file's name: lower case, words joined by hyphens; empty for no word."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
