"""Values of a DICOM header, read with distrust: what cannot be read counts as absent."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

Vector = tuple[float, ...]

_PLAIN_TEXT = frozenset({"CS", "UI", "DA", "TM", "DS", "IS", "LO", "SH", "AE", "AS"})
_UID = re.compile(r"[0-9A-Za-z._-]{1,128}")
"""Wider than the standard: programs that remove names also write names of their own."""
_ITEMS = 8
_NUMBER_TEXT = frozenset({"DS", "IS"})


@cache
def tag_of(keyword: str) -> Any:
    """The tag of a keyword; to look it up anew for each value would cost more than to read a header."""
    from pydicom.tag import Tag

    return Tag(keyword)


def text(dataset: Any, keyword: str) -> str:
    """A value as plain text, empty where it is absent or cannot be read."""
    try:
        if tag_of(keyword) not in dataset:
            return ""
        raw = _unconverted(dataset, keyword, _PLAIN_TEXT)
        if raw is not None:
            return raw
        value = dataset.get(keyword)
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return ""
    if value is None:
        return ""
    if isinstance(value, list | tuple) or type(value).__name__ == "MultiValue":
        return "\\".join(str(part) for part in value).strip()
    return str(value).strip()


def uid(dataset: Any, keyword: str) -> str:
    """A UID, empty where it is absent or holds what can be none."""
    told = text(dataset, keyword)
    return told if _UID.fullmatch(told) else ""


def numbers(dataset: Any, keyword: str, count: int) -> Vector | None:
    """`count` finite numbers, or None where they are absent, too few or not numbers."""
    try:
        if tag_of(keyword) not in dataset:
            return None
        raw = _unconverted(dataset, keyword, _NUMBER_TEXT)
        if raw is not None:
            values = raw.split("\\")
        else:
            value = dataset.get(keyword)
            values = [value] if count == 1 else list(value)
        if len(values) != count:
            return None
        out = tuple(float(part) for part in values)
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return None
    return out if all(abs(part) < 1e9 for part in out) else None


def number(dataset: Any, keyword: str) -> float | None:
    """One finite number, or None."""
    out = numbers(dataset, keyword, 1)
    return out[0] if out else None


def stored(dataset: Any, keyword: str) -> str:
    """What stands in an element, as text for a message, even if it is no value of its kind."""
    told = text(dataset, keyword)
    if told:
        return told
    try:
        raw = getattr(dataset.get_item(keyword), "value", None)
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return ""
    if isinstance(raw, bytes):
        return raw.decode("ascii", errors="backslashreplace").strip(" \0")
    return "" if raw is None else str(raw)


def drop_unreadable(dataset: Any) -> Any:
    """`dataset` itself, without the elements, at any depth, whose values cannot be read.

    pydicom converts a value when it is first asked for, and may then raise nearly anything. Of long
    sequences, such as those with an item for each frame, the first items are looked at.
    """
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
            items = list(element.value) if element.VR == "SQ" else []
        except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
            del dataset[tag]
            continue
        for item in items[:_ITEMS]:
            drop_unreadable(item)
    return dataset


def image_type(dataset: Any, keyword: str = "ImageType") -> tuple[str, ...]:
    """The parts of an image or frame type, in capitals; () where it is absent."""
    return tuple(part for part in text(dataset, keyword).upper().split("\\") if part)


def _unconverted(dataset: Any, keyword: str, kinds: frozenset[str]) -> str | None:
    """The stored text of an element that pydicom has not converted yet, if it is plain ASCII.

    Converting every element costs as much as finding it; a series has hundreds of headers.
    """
    from pydicom.dataelem import RawDataElement

    get_item = getattr(dataset, "get_item", None)
    item = get_item(tag_of(keyword)) if get_item else None
    if not isinstance(item, RawDataElement) or item.VR not in kinds or not item.value:
        return None
    if not item.value.isascii() or b"\x1b" in item.value:
        return None
    plain: str = item.value.decode("ascii").strip(" \0")
    return plain
