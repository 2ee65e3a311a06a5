"""Which leg the headers say was examined.

Headers name the examined leg, or the one that hurts, in many places; whether the image shows one leg or two
is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from deepvein.anatomy.veins import Side
from deepvein.studies.dicom.values import text

_VALUES = {
    "L": {Side.LEFT},
    "LEFT": {Side.LEFT},
    "LT": {Side.LEFT},
    "R": {Side.RIGHT},
    "RIGHT": {Side.RIGHT},
    "RT": {Side.RIGHT},
    "B": {Side.LEFT, Side.RIGHT},
    "BOTH": {Side.LEFT, Side.RIGHT},
}
"""What is found in (Image, Frame) Laterality; PS3.3 knows L, R, B and U (unpaired), people write words."""

_CODES = {
    "7771000": {Side.LEFT},
    "G-A101": {Side.LEFT},
    "24028007": {Side.RIGHT},
    "G-A100": {Side.RIGHT},
    "51440002": {Side.LEFT, Side.RIGHT},
    "G-A102": {Side.LEFT, Side.RIGHT},
}
"""Modifiers of the anatomic region (PS3.16 CID 244), SNOMED CT and its old SRT codes."""

_LEG = r"(?:leg|knee|thigh|calf|extremity|bein|knie|oberschenkel|unterschenkel|jambe|genou|cuisse|mollet)"
_WORDS = {
    Side.LEFT: re.compile(
        rf"\b(?:left|links?|linke[nrs]?|gauche|lle)\b|\b(?:l|lt|li) {_LEG}|{_LEG} (?:l|lt|li)\b"
    ),
    Side.RIGHT: re.compile(
        rf"\b(?:right|rechts?|rechte[nrs]?|droite?|rle)\b|\b(?:r|rt|re) {_LEG}|{_LEG} (?:r|rt|re)\b"
    ),
}
"""English, German, French; abbreviations only beside a leg, since RT is radiotherapy as well."""

_BOTH = re.compile(r"\b(?:both|bilat|beide|bds\b|deux (?:jambes|membres))")
_DESCRIPTIONS = ("BodyPartExamined", "SeriesDescription", "ProtocolName", "StudyDescription")


class Laterality(NamedTuple):
    """side: the one leg that is named, None for none, for both, and where headers contradict one another;
    conflict: that contradiction as a sentence, empty without one."""

    side: Side | None
    conflict: str = ""


def laterality(datasets: Sequence[Any]) -> Laterality:
    """What the headers of a study's series (pydicom data sets) say about the side.

    Coded values (Laterality, Image Laterality, Frame Laterality, modifiers of the anatomic region) and the
    words of descriptions; what is empty or unknown says nothing.
    """
    coded = set().union(*(_coded(dataset) for dataset in datasets))
    named = set().union(*(_worded(dataset) for dataset in datasets))
    if len(coded) == len(named) == 1 and coded != named:
        ((one,), (other,)) = coded, named
        return Laterality(
            None,
            f"the headers contradict one another: the coded laterality is {one.value}, the descriptions "
            f"name the {other.value} side; neither is used",
        )
    sides = coded or named
    return Laterality(next(iter(sides)) if len(sides) == 1 else None)


def _coded(dataset: Any) -> set[Side]:
    found: set[Side] = set()
    for place in _places(dataset):
        for keyword in ("ImageLaterality", "Laterality", "FrameLaterality"):
            found |= _VALUES.get(text(place, keyword).upper(), set())
        for region in _items(place, "AnatomicRegionSequence"):
            for modifier in _items(region, "AnatomicRegionModifierSequence"):
                found |= _CODES.get(text(modifier, "CodeValue").upper(), set())
    return found


def _places(dataset: Any) -> Iterator[Any]:
    """The data set, and the anatomy of the functional groups of an Enhanced one."""
    yield dataset
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for groups in _items(dataset, keyword):
            yield from _items(groups, "FrameAnatomySequence")


def _items(dataset: Any, keyword: str) -> list[Any]:
    """The items of a sequence; none where it is absent or cannot be read."""
    try:
        return list(dataset.get(keyword) or ())
    except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        return []


def _worded(dataset: Any) -> set[Side]:
    words = " ".join(text(dataset, keyword) for keyword in _DESCRIPTIONS)
    plain = re.sub(r"[\W_]+", " ", words.lower())
    if _BOTH.search(plain):
        return {Side.LEFT, Side.RIGHT}
    return {side for side, pattern in _WORDS.items() if pattern.search(plain)}
