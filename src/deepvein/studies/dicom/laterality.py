"""Which leg the headers say was examined.

Headers name the examined leg, or the one that hurts, in many places; whether the image shows one leg or two
is not asked here.
"""

from __future__ import annotations

import re
import unicodedata
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

_LEG = (
    r"(?:lower (?:leg|extremit\w*|limb)|leg|limb|le|knee|thigh|calf|extremit\w*|femur|bein|knie|os|us|ue|"
    r"oberschenkel|unterschenkel|jambe|genou|cuisse|mollet|membre(?: inf\w*)?|gamba|coscia|ginocchio|"
    r"arto(?: inf\w*)?|pierna|muslo|rodilla|miembro(?: inf\w*)?|perna|membro(?: inf\w*)?|been|ben|hip|foot|"
    r"ankle|fem|extrem)"
)
_FRENCH = r"(?:jambe|cuisse|mollet|genou|membre(?: inf\w*)?)"
_NO_PLAN = r"(?! (?:plan|dose|sim|therap))"
_WORDS = {
    Side.LEFT: re.compile(
        r"\b(?:left|links?|linke[nrs]?|gauche|lle|mig|sinistr[aoe]|izquierd[ao]|izqd?[ao]?|esquerd[ao]|vanster"
        r"|venstre|lew[aey]j?|leva|лев\w*|αριστερ\w*)\b|左(?![右腕手上肘])|좌측|왼쪽"
        rf"|\b{_FRENCH} g\b"
        rf"|\b(?:l|lt|li|sn|sx|sin) {_LEG}\b|\b{_LEG} (?:l|lt|li|sn|sx|sin)\b(?! contrast)"
    ),
    Side.RIGHT: re.compile(
        r"\b(?:right|rechts?|rechte[nrs]?|droite?|rle|destr[aoe]|derech[ao]|dcha|direit[ao]|hoger|hojre"
        r"|praw[aey]j?|prava|прав\w*|δεξι\w*)\b|(?<!左)右(?![左腕手上肘])|우측|오른쪽"
        rf"|\b{_FRENCH} d\b"
        rf"|\b(?:r|rt|re|dx) {_LEG}\b|\b{_LEG} (?:r|rt|re|dx)\b{_NO_PLAN}"
    ),
}
"""Of European languages, Chinese, Japanese and Korean; abbreviations only beside a leg: RT is radiotherapy as
well, dx a diagnosis, sin "without"."""

_ABBREVIATED = (
    (
        re.compile(rf"\b(?:{_LEG}s?|venogra\w*|phlebo\w*|ctv|mrv|dvt)\b"),
        {
            Side.LEFT: re.compile(r"\blt\b"),
            Side.RIGHT: re.compile(rf"\brt\b{_NO_PLAN}"),
        },
    ),
    (
        re.compile(
            r"\b(?:\w*scanner|(?:angio)?(?:tdm|irm|tac|tc)|phlebo\w*|flebo\w*|veineu\w*|venos[ao])\b"
        ),
        {Side.LEFT: re.compile(r"\bmi[ei]\b"), Side.RIGHT: re.compile(rf"\bmid\b(?! {_LEG})")},
    ),
)
"""Abbreviations that tell a side only in a text with such words: `CTV Lt`, `angioscanner MID` (membre
inférieur droit), where "mid thigh" is a height."""

_SIDE = r"(?:left|right|[lr]t|links?|rechts?|linke[nrs]?|rechte[nrs]?|gauche|droite?)"
_ARM = r"(?:\w*arm|antecubital|cubital|hand|wrist|elbow|bras|cath\w*)"
_LYING = r"(?:lateral )?(?:decub\w*|recumb\w*)|lateral|lat|side down|seitenlage|renal|kidney|flank"
_INJECTED = r"(?:inj|injec\w*|injekt\w*|inyec\w*|iniez\w*|via|access|punct\w*|punkt\w*)"
_NOT_OF_THE_IMAGE = re.compile(
    rf"\b{_SIDE} {_ARM}\b|\b{_ARM} {_SIDE}\b(?! {_LEG}\b)|\b(?:s p|status post|h o|hx of) [^;]*"
    rf"|\b{_SIDE} (?:{_LYING})\b(?! {_LEG}\b)|\b(?:{_LYING}) {_SIDE}\b(?! {_LEG}\b)"
    rf"|\b{_INJECTED} (?:into |in |of |the |en |im |in das )*{_SIDE}\b[^;]*?(?=\b{_SIDE}\b|;|$)"
)
"""Where the contrast agent was injected, how the patient lay, and what was operated on before."""

_BOTH = re.compile(
    r"\b(?:both|bilat\w*|beide\w*|bds|deux (?:jambes|membres)|entramb[ei]|amb[oa]s|aaii|mmii|m m i i|обе\w*)\b"
    r"|左右|双下肢|雙下肢|両下肢|양측|양쪽"
)
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
    # Words of two descriptions are not side by side.
    words = " ; ".join(_plain(text(dataset, keyword)) for keyword in _DESCRIPTIONS)
    plain = _NOT_OF_THE_IMAGE.sub(" ", re.sub(r"\bm i ([degi])\b", r"mi\1", words))
    if _BOTH.search(plain):
        return {Side.LEFT, Side.RIGHT}
    told = [_WORDS, *(sides for context, sides in _ABBREVIATED if context.search(plain))]
    return {side for words_of in told for side, one in words_of.items() if one.search(plain)}


def _plain(text: str) -> str:
    """Words in lower case without accents, divided by single blanks."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text)
    apart = unicodedata.normalize("NFKD", parted.lower().replace("ø", "o"))
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", bare))
