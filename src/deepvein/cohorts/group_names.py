"""Whether patients have DVT, as the folders of a case-control cohort say it: `DVT` and `noDVT`, `patients` and
`controls`, `gesund` and `krank`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from deepvein.anatomy.naming import names_thrombus
from deepvein.cohorts.filenames import plain, stem_of

_FREE = re.compile(
    r"health(y|ies)|negative?s?|negati[fv][aeiosx]*|unaffected|volunteers?|gesunde?r?|proband(en)?|"
    r"volontaires?|voluntari[oa]s?|volontari|saudave(l|is)|gezonde?|negatief|zdrow[iey]|здоров\w*|отрицательн\w*|健康人?|健常者?|阴性|陰性|정상인?|음성"
)
_FREE_OF_SOME = re.compile(
    r"neg|hc|saine?s?|san[ao]s?|sani|frisk[ae]?|normals?|controls?|kontroll?en?|kontrol(le)?|control[eo]s?|controll[oi]|controis|temoins?|testigos?|"
    r"норма|контрол\w*|正常|对照组?|対照|대조군?"
)
"""Says so only beside the opposite: visits, settings and people are called so as well."""
_SICK = re.compile(
    r"positive?s?|positi[fv][aeiosx]*|sick|diseased?|affected|kranke?r?|malades?|enferm[oa]s?|malat[io]|"
    r"doentes?|ziek|positief|больн\w*|положительн\w*|阳性|陽性|양성"
)
_SICK_OF_SOME = re.compile(
    r"pos|patient(s|en|i)?|cases?|falle?|cas|cas[oi]s?|pazienti|pacientes?|pts?|患者|病例|病人|환자군?|пациент\w*"
)
"""Says so only beside the opposite: all are patients."""
_NEUTRAL = re.compile(
    r"for|with|mit|avec|con|com|met|acute|chronic|akut\w*|chron\w*|proven|confirmed|group|gruppe|groupe|grupo|gruppo|"
    r"cohort|subjects?|persons?|people|legs?|ct[av]?|mr[aiv]?|ctv|data|images?|img|scans?|dicoms?|nifti|"
    r"and|of|the|all"
)
_DENIED = re.compile(
    r"free|frei|libres?|liber[oi]|livres?|absent|excluded|ausgeschlossen|nein|none|no"
)
"""Behind a disease."""
_GLUED = re.compile(
    r"(no|non|not|without|w/?o|free|kein\w*|ohne|sans|sin|senza|sem|geen|ingen|нет|без)[\W_]*"
    r"(dvt|tvt|tvp|clots?|(deep[\W_]*vein[\W_]*)?(thromb|tromb)\w*)s?"
)
_FOLLOWED = re.compile(r"control|kontroll?|kontrolle|controle|controllo|контроль")
"""What a later look at one's disease is called too, which says nothing of what it showed."""
_COUNTED = re.compile(r"(dvt|tvt|tvp|thromb\w*)[\W_]*(\d+)")
_SIGNED = re.compile(r"(dvt|tvt|tvp|thromb\w*)[\s_]*(\+|-|[01])")


@dataclass(frozen=True)
class ToldDvt:
    """What a path says of its patient. place: of the part of the path that says so; alone: it says so without
    its opposite beside it."""

    has_dvt: bool
    place: int
    part: str
    alone: bool = False

    @property
    def group(self) -> str:
        """The part without the number of a patient."""
        return re.sub(r"[\W_\d]+$", "", self.part)


def told_dvt(images: Sequence[PurePath]) -> dict[PurePath, ToldDvt]:
    """What images say by the folders in which they lie, or by what their names begin with. images: paths
    relative to the root.

    `healthy` and `noDVT` are plain. `DVT`, `patients`, `controls`, `normal` and names with numbers count only
    beside what says the opposite, as a whole study may be called `DVT`, and a visit `control`. `DVT_0` and
    `DVT_1` are groups, but not files, nor beside a `DVT_2`. Nothing is told where two parts of one path
    contradict.
    """
    counted = {
        path.parents[-place - 1]
        for path in images
        for place, part in enumerate(path.parts)
        if _is_counted(part)
    }
    told = {
        (path, place): (sign, part)
        for path in images
        for place, part in enumerate(path.parts)
        if (sign := _sign(stem_of(path) if place == len(path.parts) - 1 else part))
        and not (
            sign.digit and (place == len(path.parts) - 1 or path.parents[-place - 1] in counted)
        )
    }
    beside: dict[PurePath, set[bool]] = defaultdict(set)
    for (path, place), (sign, _) in told.items():
        beside[PurePath(*path.parts[:place])].add(sign.sick)
    found: dict[PurePath, list[ToldDvt]] = defaultdict(list)
    for (path, place), (sign, part) in told.items():
        if sign.alone or len(beside[PurePath(*path.parts[:place])]) > 1:
            one = ToldDvt(sign.sick, place, stem_of(PurePath(part)), sign.alone)
            found[path].append(one)
    return {path: all_of[0] for path, all_of in found.items() if _agree(all_of)}


def _agree(told: Sequence[ToldDvt]) -> bool:
    return len({one.has_dvt for one in told}) == 1


def is_group_of_dvt(folder: str) -> bool:
    """Whether a folder is called after those who have DVT, or have none, and not after one of them."""
    sign = _sign(folder)
    return sign is not None and sign.alone


def is_said_of_many(folder: str) -> bool:
    """Whether a folder may be called after those who have DVT, or have none: `thrombus` may."""
    return _sign(folder) is not None


@dataclass(frozen=True)
class _Sign:
    """alone: it says so without its opposite beside it; digit: by 0 or 1."""

    sick: bool
    alone: bool
    digit: bool = False


def _is_counted(name: str) -> bool:
    """Whether a name is one of a disease's many, as `DVT_7`."""
    found = _COUNTED.fullmatch(plain(name).strip())
    return found is not None and found[2] not in ("0", "1")


def _sign(name: str) -> _Sign | None:
    """Whether a name says that all below have DVT, or that none has it; None for neither."""
    low = plain(name).strip()
    numbered = re.search(r"\d", low) is not None
    signed = _SIGNED.fullmatch(low)
    if signed:
        return _Sign(signed[2] in "+1", alone=signed[2] in "+-", digit=signed[2].isdigit())
    bare = _GLUED.sub(" ", low)
    words = {word for word in re.split(r"[\W_\d]+", bare) if word}
    free, some_free, sick, some_sick = (
        {word for word in words if known.fullmatch(word)}
        for known in (_FREE, _FREE_OF_SOME, _SICK, _SICK_OF_SOME)
    )
    disease = {word for word in words if names_thrombus(word)}
    denied = {word for word in words if disease and _DENIED.fullmatch(word)}
    other = words - free - some_free - sick - some_sick - disease - denied
    followed = any(map(_FOLLOWED.fullmatch, words)) and (disease or "scan" in words)
    if followed or not all(_NEUTRAL.fullmatch(word) for word in other):
        return None
    absent = bare != low or bool(denied | free)
    if (absent or some_free) and (sick or (some_sick and numbered)):
        return None
    if absent or some_free:
        return _Sign(sick=False, alone=absent and not numbered)
    if sick or disease or some_sick:
        return _Sign(sick=True, alone=bool(sick) and not numbered)
    return None
