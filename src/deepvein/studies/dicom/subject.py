"""Whose examination a DICOM file says it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from deepvein.studies.dicom.values import text

KEYWORDS = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "AccessionNumber",
    "IssuerOfPatientID",
    "PatientAge",
    "PatientWeight",
    "PatientSize",
    "ClinicalTrialSubjectID",
    "StudyID",
    "StudyTime",
)


_WEIGHTS, _HEIGHTS, _TALLEST_M = 1.25, 1.08, 3.0
"""Ratios from which weights and heights are of two people: what is asked, guessed or measured anew differs
by less."""
_AT = " at "
_LOST = re.compile(r"[?\ufffd]+")
"""Letters that could not be read."""

_CHARSETS = (
    *(f"iso8859_{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15)),
    "utf_8",
    "cp1251",
    "cp1252",
    "shift_jis",
    "euc_kr",
    "gb18030",
)
"""Character sets of DICOM, and those of programs that did not ask for them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Patient and examination; empty texts where the file does not say.

    Study Instance UIDs are made constant by some programs that remove names; these values are what is
    left to tell two patients apart. weight in kilograms, height in metres, as they are written; acquired:
    the date of the acquisition where that of the study is gone.
    """

    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    accession_number: str = ""
    issuer: str = ""
    age: str = ""
    weight: str = ""
    height: str = ""
    trial_subject: str = ""
    study_id: str = ""
    study_time: str = ""
    acquired: str = ""

    @classmethod
    def of(cls, dataset: Any) -> Subject:
        made = cls(*(text(dataset, keyword) for keyword in KEYWORDS))
        if made.study_date:
            return made
        return replace(made, acquired=text(dataset, "AcquisitionDate"))

    @property
    def _visit(self) -> str:
        return f"{self.study_id}{_AT}{self.study_time}" if self.study_id and self.study_time else ""

    def difference(self, other: Subject) -> str:
        """What says that two files are not of one patient and examination, empty if nothing does.

        A value that one of them does not give, or that stands for "not known" (a date of zeros, sex U), says
        nothing. Names that differ in case, accents, punctuation or by a part that one of them lacks are one
        name, as are two of which one spelling (PS3.5 6.2) agrees, or that are the same bytes read in two
        character sets; under one Patient ID also two of which one has `?` where letters could not be read. Of
        Study ID and Study Time, which scanners and archives also change within a study, only both tell.
        """
        known = bool(_words(self.patient_id)) and _same(self.patient_id, other.patient_id)
        same_name = _same_or_unreadable if known else _same_name
        for name, one, two, agree in (
            ("patient", self.patient_id, other.patient_id, _same),
            ("patient", self.patient_name, other.patient_name, same_name),
            ("birth date", self.birth_date, other.birth_date, _same_date),
            ("sex", self.sex, other.sex, _same_sex),
            ("study date", self.study_date, other.study_date, _same_date),
            ("accession number", self.accession_number, other.accession_number, _same_number),
            ("issuer of patient ID", self.issuer, other.issuer, _same),
            ("age", self.age, other.age, _same_age),
            ("weight", self.weight, other.weight, _same_weight),
            ("height", self.height, other.height, _same_height),
            ("subject of the trial", self.trial_subject, other.trial_subject, _same),
            ("study ID", self._visit, other._visit, _same_visit),
            ("acquisition date", self.acquired, other.acquired, _same_night),
        ):
            if _words(one) and _words(two) and not agree(one, two):
                return f"{_PLURALS.get(name, name + 's')} {one} and {two}"
        return ""


_PLURALS = {
    "sex": "sexes",
    "subject of the trial": "subjects of the trial",
    "issuer of patient ID": "issuers of patient ID",
}

NOBODY = Subject()
"""What a file says that names neither patient nor study."""


def subjects(files: Iterable[tuple[Subject, Any]]) -> list[list[Any]]:
    """The second items, in groups whose subjects do not contradict one another."""
    groups: list[tuple[set[Subject], list[Any]]] = []
    for subject, item in files:
        for known, members in groups:
            if subject in known or not any(subject.difference(one) for one in known):
                known.add(subject)
                members.append(item)
                break
        else:
            groups.append(({subject}, [item]))
    return [members for _, members in groups]


def _same(one: str, two: str) -> bool:
    return one.strip().casefold() == two.strip().casefold()


def _same_sex(one: str, two: str) -> bool:
    """`f` and `Female` are one; what is no sex at all is not known."""
    letters = {value.strip().casefold()[:1] for value in (one, two)}
    return len(letters) == 1 or not letters <= {"m", "f", "o"}


def _same_age(one: str, two: str) -> bool:
    """True within a year, as a birthday may lie between two images, and for ages that are not in years."""
    years = [re.fullmatch(r"0*([1-9]\d*)Y", value.strip().upper()) for value in (one, two)]
    numbers = [int(found[1]) for found in years if found]
    return len(numbers) < len(years) or abs(numbers[0] - numbers[1]) <= 1


def _same_weight(one: str, two: str) -> bool:
    return _within(_measure(one), _measure(two), _WEIGHTS)


def _same_height(one: str, two: str) -> bool:
    """True also where one is in centimetres."""
    return _within(_metres(one), _metres(two), _HEIGHTS)


def _metres(value: str) -> float:
    size = _measure(value)
    return size / 100 if size > _TALLEST_M else size


def _within(one: float, two: float, ratio: float) -> bool:
    """True for two measures that differ by less than `ratio`, and where one of them is none."""
    low, high = sorted((one, two))
    return low <= 0 or high < ratio * low


def _measure(value: str) -> float:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return 0.0


def _same_visit(one: str, two: str) -> bool:
    (id_one, time_one), (id_two, time_two) = (value.rsplit(_AT, 1) for value in (one, two))
    times = [re.sub(r"\D", "", time.partition(".")[0]) for time in (time_one, time_two)]
    return (
        _same_number(id_one, id_two)
        or times[0].startswith(times[1])
        or times[1].startswith(times[0])
    )


def _same_date(one: str, two: str) -> bool:
    """True for one day, also in the form of ACR-NEMA (1993.08.22) and where month or day are zeros."""
    known = [re.sub(r"(00)+$", "", re.sub(r"\D", "", value)) for value in (one, two)]
    return known[0].startswith(known[1]) or known[1].startswith(known[0])


def _same_night(one: str, two: str) -> bool:
    """True for dates with no more than a midnight between them, and for what are no dates."""
    try:
        first, second = (date.fromisoformat(re.sub(r"\D", "", value)) for value in (one, two))
    except ValueError:
        return True
    return abs((first - second).days) <= 1


def _same_number(one: str, two: str) -> bool:
    """True for one accession number; zeros stand for none."""
    return _same(one, two) or not (one.strip(" 0") and two.strip(" 0"))


def _same_name(one: str, two: str) -> bool:
    spellings = [
        [words for spelling in value.split("=") if (words := _words(spelling))]
        for value in (one, two)
    ]
    return _same_bytes(one, two) or any(
        set(a) <= set(b) or set(b) <= set(a) or "".join(a) == "".join(b)
        for a, b in product(*spellings)
    )


def _same_or_unreadable(one: str, two: str) -> bool:
    """True also where letters of one name were lost, for which `?` or U+FFFD stands."""
    return _same_name(one, two) or _fits(one, two) or _fits(two, one)


def _fits(marred: str, name: str) -> bool:
    """True if what is left of a name stands in that order in another one, from its beginning to its end."""
    first, *between = _LOST.split(marred.casefold())
    told = name.casefold()
    if not between or not told.startswith(first):
        return False
    at, last = len(first), between.pop()
    for piece in between:
        at = told.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return len(told) - len(last) >= at and told.endswith(last)


def _same_bytes(one: str, two: str) -> bool:
    """True for one row of bytes that was read in two character sets (PS3.3 C.12.1.1.2)."""
    return not _stored(one).isdisjoint(_stored(two))


def _stored(value: str) -> set[bytes]:
    """How a name may have been stored, empty for one in plain letters."""
    out = set()
    for charset in _CHARSETS if not value.isascii() else ():
        with suppress(UnicodeEncodeError):
            out.add(value.encode(charset))
    return out


def _words(value: str) -> list[str]:
    """Words of a value in lower case and without accents."""
    folded = unicodedata.normalize("NFKD", value.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", bare)
