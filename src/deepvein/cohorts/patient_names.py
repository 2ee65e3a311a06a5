"""Whose an image is, as names of files and folders tell it: without visit, date, side, phase, plane and part.

Two images of one patient that pass for two patients end in training and in test. So what may tell images of
one patient apart is no part of a patient's name; most of it counts only behind a word with a digit, as `leg`
does in `P01_leg` and not in `leg_001`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from deepvein.anatomy.naming import names_vein, side_named, vein_named
from deepvein.anatomy.veins import Side
from deepvein.cohorts.filenames import NamedFile, plain, words_of
from deepvein.cohorts.group_names import is_group_of_dvt

_MONTH = "jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_DAY = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_VISIT = re.compile(
    r"(v|visit|ses|session|t|tp|timepoint|fu|follow[-_ ]?up|baseline|exam|study|series|day|week|month|year|pre|"
    r"post|before|after|initial|first|second|third|control)[-_ ]?\d{0,3}|(ses|acq|ce|rec|dir|run|echo)-.+|"
    rf"{_DAY}(t?\d{{4}}(\d\d)?)?|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d|"
    r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|"
    rf"\d{{1,2}}({_MONTH})[a-z]{{0,6}}\d{{2,4}}|"
    r"\d{4}[-_. ]\d{1,2}[-_. ]\d{1,2}|\d{1,2}[-_. ]\d{1,2}[-_. ]\d{4}"
)
_COUNTED = re.compile(r"visit|ses|session|timepoint|tp|fu|day|week|month|year")
"""Behind these a number, or a number in words, belongs to them."""
_TIMES = re.compile(r"(day|week|month|year|wk|yr)s?|mos?")
"""So does one before these."""
_DATE = re.compile(r"(?<!\d)(\d{4}([-_. ])\d{1,2}\2\d{1,2}|\d{1,2}([-_. ])\d{1,2}\3\d{4})(?!\d)")
"""A date whose parts are words of a name."""
_NUMBER = re.compile(r"\d{1,3}|one|two|three|four|five|six")
_CALLED = re.compile(
    r"cases?|pat(ient)?s?|pts?|subj?(ect)?s?|person|participant|volunteer|pid|id|mrn|nr|no|number|anon\w*|record"
)
"""A number behind these alone is the patient's, though it may look like a date: `case_100112`."""
_SITE = re.compile(r"(site|cent(er|re)|zentrum|hospital|clinic|group|arm|cohort|batch)\d+")
"""A word with a digit that is no patient's."""
_ASPECT = re.compile(
    r"arterial|venous|portal|delayed|late|early|native|plain|(non)?contrast|(un|non)?enhanced|nc|"
    r"axial|coronal|sagittal|transvers(e|al)|t[12]w?|flair|stir|dixon|tof|[ds]wi|adc|pdw?|vibe|fatsat|"
    r"in-?phase|opp(osed)?-?phase"
)
_BEHIND = re.compile(
    r"ax|cor|sag|tra|fs|fat|water|ip|op|ce|acute|subacute|chronic|scan\d*|rescan|repeat(ed)?|part\d*|phase\d*|"
    r"copy\d*|\(\d+\)|echo\d*|series|study|exam|reg(istered)?|resampled|cropped|crop|denoised|iso|corrected|"
    r"legs?|thighs?|calf|calves|pelvis|knees?|abdomen|foot|feet|ankles?|upper|lower|proximal|distal|both|"
    r"\d{1,3}(d|days?|wks?|weeks?|w|mo|mos|months?|m|yrs?|years?|y)|(m|w|d|y|wk|mo)\d{1,3}|bl|base|follow|up|"
    r"[1-9](st|nd|rd|th)|l|r|(ct[av]?|mr[aiv]?|im(a?ge?)?)\d{0,2}|"
    r"\d+(mm|p\d+(mm)?)|b\d\d[fhs]|[bhqu][cflprvw]\d\d[a-z]?|rec(on)?\d*|thin|thick|soft|art|ven|pv|nat|nativ|del|std|standard|bone|sharp|fbp"
)
"""Besides sides and veins, what tells images of one patient apart behind a word with a digit."""
_OF = re.compile(r"_\d{1,2}_of_\d{1,2}(?=_|$)", re.IGNORECASE)
_SERIES = re.compile(r"\d{1,4}(_\D+)+")
_LEAST_DIGITS = 3
"""Of numbers that are those of patients although they recur, as at two sites."""
_YEAR = re.compile(r"(19|20)\d\d")
_SPELT = 4
"""Shorter words for sides (`li`, `re`) are names of people too."""
_GROUP = re.compile(
    r"train|training|test|testing|val|valid|validation|(dataset|task)\d+.*|(no|non|without)?(dvt|thromb\w*|tvp|tvt)s?|"
    r"pos|positive|neg|negative|sick|healthy|normal|controls?|cases|patients?|data|raw|all|nnunet\w*|(fold|cv|batch|set)\d*"
)
_TWIN = re.compile(r"(?<=\d)([-_. ]?[a-d]|[-_. ][1-9]|[-_. ](19|20)\d\d)$")


def patient_of(words: Sequence[str]) -> str:
    """The name of the patient in the words of a file or folder, joined by _; empty where all of them tell
    of the image alone. In a name of BIDS it is the subject."""
    kept: list[str] = []
    counted = numbered = False
    for word in words:
        low = plain(word)
        if low.startswith("sub-"):
            return word
        was_counted, counted = counted, False
        if was_counted and _NUMBER.fullmatch(low):
            continue
        if low.isdigit() and kept and _is_called(kept):
            kept.append(word)
            numbered = True
            continue
        if len(kept) > 1 and _TIMES.fullmatch(low) and _NUMBER.fullmatch(plain(kept[-1])):
            kept.pop()
            continue
        if is_visit(word) or _is_aspect(low) or (numbered and _is_behind(low)):
            counted = _COUNTED.fullmatch(low) is not None or (numbered and low.isalpha())
            continue
        kept.append(word)
        numbered = numbered or (_has_digit(word) and not _SITE.fullmatch(low))
    whole = _OF.sub("", "_".join(kept))
    told = without_dates(whole)
    return whole if told and _is_called(words_of(told)) else told


def patient_in(name: NamedFile, *, alone: bool, recurring: Collection[tuple[int, str]] = ()) -> str:
    """The patient of an image without Patient ID. alone: its folder holds few images, and may be the patient's
    own; else the file's name tells more. recurring: folders that lie in several, as `recurring_folders` finds
    them. Folders of visits, dates, groups and parts are nobody's, unless nothing else has a number, as in
    `study3/image`; nor are recurring ones that are called after what they hold, and short numbers below a
    number: `001/2` is patient 001."""
    own = patient_of(name.own)
    folders = _persons(name)
    near = [
        one
        for place, (above, one) in enumerate(zip(["", *folders], folders, strict=False))
        if not _is_series(one, above, recurs=(place, one) in recurring)
    ]
    near = near or folders
    if near and (alone or not own):
        return patient_of(words_of(near[-1])) or near[-1]
    numbered = [one for one in name.folders if _has_digit(one) and not _is_many(one)]
    if numbered and alone and not own:
        return numbered[0]
    return own or _nearest(name.own) or "patient"


def recurring_folders(names: Iterable[NamedFile]) -> frozenset[tuple[int, str]]:
    """The folders that lie in two or more others, as those of series do in those of patients, each with the
    count of folders above it; and the numbers beside one that is a number."""
    homes: dict[tuple[int, str], set[tuple[str, ...]]] = defaultdict(set)
    for name in names:
        folders = tuple(_persons(name))
        for place, folder in enumerate(folders):
            homes[place, folder].add(folders[:place])
    found = {one for one, above in homes.items() if len(above) > 1}
    counted = {
        (place, above) for place, one in found if one.isdigit() for above in homes[place, one]
    }
    beside = {
        (place, one)
        for (place, one), above in homes.items()
        if one.isdigit() and any((place, home) in counted for home in above)
    }
    return frozenset(found | beside)


def loose_patient(name: str) -> str:
    """What names that may well be one patient's have in common: without case, signs, leading zeros, what tells
    images apart, and a letter, a single digit or a year behind a number (`P01a`, `P01-2`, `P01_2024`)."""
    words = words_of(name)
    told = _TWIN.sub("", (patient_of(words) or _nearest(words)).casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", told))


def is_visit(word: str) -> bool:
    """Whether a word names a visit or a date rather than a patient: `v2`, `ses-01`, `20240131`."""
    return _VISIT.fullmatch(word.lower()) is not None


def without_dates(name: str) -> str:
    """A name without the dates in it: `P1_2024_01_31` is `P1`."""
    if not _DATE.search(name):
        return name
    return re.sub(r"[-_. ]+", "_", _DATE.sub("", name)).strip("_")


def is_group(folder: str) -> bool:
    """Whether a folder is of many patients by its name: `train`, `noDVT`, `Dataset001_DVT`, `left`."""
    # `Li` and `Re` are sides and people; where they are sides they recur.
    words = [plain(word) for word in words_of(folder)]
    if len(words) == 1 and len(words[0]) == 2 and side_named(folder) is not Side.UNKNOWN:
        return False
    return _is_many(folder) or all(
        _is_aspect(plain(word)) or _is_behind(plain(word)) for word in words_of(folder)
    )


def _persons(name: NamedFile) -> list[str]:
    found = [one for one in name.folders if not (is_visit(one) or is_group(one))]
    # `2023/P01` and `P01/2023`: a year is nobody where somebody is left.
    return [one for one in found if not _YEAR.fullmatch(one)] or found


def _is_series(folder: str, above: str, *, recurs: bool) -> bool:
    """Whether a folder is a short number below a number, or recurs and has no number, or one alone that is
    short, lies below another number, or stands before what an image is: `4-T1_vibe`, `001/2`."""
    told = patient_of(words_of(folder))
    short = told.isdigit() and len(told) < _LEAST_DIGITS
    if not recurs:
        return short and told == folder and above.isdigit()
    if not told.isdigit():
        return not _has_digit(told) or _SERIES.fullmatch(told) is not None
    return told != folder or (short and above != "") or _has_digit(above)


def _is_many(folder: str) -> bool:
    bare = re.sub(r"[\W_]+", "", plain(folder))
    return _GROUP.fullmatch(bare) is not None or is_group_of_dvt(folder)


def _nearest(words: Sequence[str]) -> str:
    """What to call a patient after words that all tell of the image alone: the first with a digit (`T001` of
    `T001_left`), else, and for a date, all of them."""
    whole = "_".join(words)
    return whole if _DATE.search(whole) else next(filter(_has_digit, words), whole)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _is_called(words: Sequence[str]) -> bool:
    return all(_CALLED.fullmatch(plain(word)) for word in words)


def _is_aspect(low: str) -> bool:
    spelt = len(low) >= _SPELT and side_named(low) is not Side.UNKNOWN
    return spelt or _ASPECT.fullmatch(low) is not None


def _is_behind(low: str) -> bool:
    placed = side_named(low) is not Side.UNKNOWN or vein_named(low) is not None
    return placed or names_vein(low) or _BEHIND.fullmatch(low) is not None
