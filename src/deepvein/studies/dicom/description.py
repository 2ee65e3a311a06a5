"""What counts for and against screening a series: phase, region, plane, kernel, contrast agent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepvein.studies.dicom import words
from deepvein.studies.dicom.kind import description, is_original
from deepvein.studies.dicom.scale import leaves_unit_open
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.timing import delay_s, phase_after
from deepvein.volumes.grid import Plane

SHARP_KERNEL = re.compile(
    r"bone|edge|lung|sharp|ultra|hd plus|knochen|^[bhiquv][a-z]?[6-9]\d|^bl5\d|^fc[358]\d|^y[a-e]$|^[defl]$"
)
"""Kernels of Siemens and Canon (FC) by their numbers, of Philips by their letters, of GE by words."""
_ENERGY = re.compile(r"(\d{2,3}) ?ke ?v\b")
_USUAL_KEV = (60, 80)
"""Virtual energies at which vessels and tissue are about as bright as at 100 to 120 kV."""
_ONE_TUBE = re.compile(r"\b[ab] (?:sn ?)?\d{2,3} ?k ?v\b")
"""How Siemens ends the names of what each tube of a dual-energy scan shows ("A_80kV", "B_Sn140kV")."""
_DELAY = re.compile(
    r"(?<![\d.,])(?:([2-9]\d|[1-9]\d\d) ?(?:s|secs?|sek|seg|seconds?|sekunden)"
    r"|([1-9]) ?(?:mins?|minutes?|minuten))(?![a-z])"
)
"""How descriptions of CT give the time after the injection ("CT 180s", "3 min"); less than 20 s, and
fractions, are times of a rotation or a scan."""
_ONE_LEG_MM = 250.0
"""Two calves side by side are about as wide."""
_DIXON = {
    "water": (1.0, {"W", "WATER"}, "w|water(?! (?:fat|sep))"),
    "in-phase": (0.4, {"IP", "IN_PHASE"}, "in|ip|in ?phase"),
    "opposed-phase": (
        0.1,
        {"OP", "OUT_PHASE", "OPP_PHASE", "OPPOSED"},
        "op|opp|oop|out|(?:out|opp|opposed) ?phase",
    ),
    "fat": (0.1, {"F", "FAT"}, "f|fat(?! ?(?:sat|sup|free|sep|water))"),
}
"""Images of a Dixon scan: how well veins with contrast stand out from fat, what Image Type calls them, and
descriptions that name the method, or begin with the word."""
_METHOD = re.compile(
    r"dixon|\b(?:dix|ideal|flex|wfi|wfs|fat ?sep\w*|water fat|fat water)\b"
    r"|\b(?:in|out|opp|opposed) ?phase\b(?! \d)|\b(?:water|fat)$"
)
"""Names that makers give it, and endings that no other scan has."""

_PHASE_BY_TIME = {
    "native": 0.2,
    "arterial": 0.4,
    "early venous": 0.8,
    "venous": 1.5,
    "late": 0.9,
}
_PHASE_BY_WORDS = {"native": 0.2, "arterial": 0.4, "venous": 1.5}
_SHOWS = {
    "native": "before contrast",
    "arterial": "when contrast fills the arteries",
    "early venous": "when contrast begins to fill the veins",
    "venous": "when contrast fills the veins",
    "late": "when contrast fades",
}


@dataclass(frozen=True)
class Trait:
    """A property that makes a series a better (factor above 1) or worse choice."""

    text: str
    factor: float


def all_words(series: Series) -> str:
    """All descriptive texts of a series, made plain for vocabularies."""
    keywords = ("SeriesDescription", "ProtocolName", "SequenceName")
    return words.plain(" ".join(series.text(keyword) for keyword in keywords))


def traits(series: Series) -> tuple[Trait, ...]:
    """What counts for and against choosing a series; the product of the factors weighs its coverage."""
    found = [*_region(series), *_derivation(series), *_misnamed(series), *_width(series)]
    found += [Trait("compressed with loss", 0.9)] if series.is_lossy else []
    return (*found, *(_ct(series) if series.header.modality == "CT" else _mr(series)))


def named_phase(series: Series) -> str:
    """'venous', 'arterial', 'native' or '' by the time after the injection, else by the words."""
    delay = delay_s(series)
    if delay is None:
        return _worded_phase(series)
    return {"early venous": "venous", "late": "venous"}.get(phase_after(delay), phase_after(delay))


def _worded_phase(series: Series) -> str:
    """The phase by the words of the descriptions, else of CT by the seconds or minutes that they give."""
    told = words.phase(all_words(series))
    text = series.text("SeriesDescription").lower() if series.header.modality == "CT" else ""
    given = _DELAY.search(text)
    if told or not given:
        return told
    name = phase_after(float(given[1] or 0) + 60 * float(given[2] or 0))
    return {"early venous": "", "late": "venous"}.get(name, name)


def dixon_part(series: Series) -> str:
    """'water', 'fat', 'in-phase' or 'opposed-phase' for an image of a Dixon scan, else ''."""
    kind, text = set(series.frames[0].image_type), description(series)
    where = "\\b" if _METHOD.search(text) else "^"
    for told in (
        [name for name, (_, values, _) in _DIXON.items() if kind & values],
        [name for name, (_, _, form) in _DIXON.items() if re.search(f"{where}(?:{form})\\b", text)],
    ):
        if len(told) == 1:
            return told[0]
    return ""


def _width(series: Series) -> list[Trait]:
    """Where only one leg, or a part of it, was reconstructed: beside a whole scan, that is to be preferred."""
    frame = series.frames[0]
    if not (frame.orientation and frame.spacing):
        return []
    aside = [one.position[0] for one in series.frames if one.position]
    rows, columns = frame.layout.rows * frame.spacing[0], frame.layout.columns * frame.spacing[1]
    width = abs(frame.orientation[0]) * columns + abs(frame.orientation[3]) * rows
    width += max(aside, default=0.0) - min(aside, default=0.0)
    return [Trait(f"{width:.0f} mm wide, as for one leg", 0.35)] if width < _ONE_LEG_MM else []


def _phase(series: Series) -> list[Trait]:
    delay = delay_s(series)
    if delay is not None:
        name = phase_after(delay)
        when = f"{abs(delay):.0f} s {'after' if delay >= 0 else 'before'} the injection began"
        return [Trait(f"taken {when}, {_SHOWS[name]}", _PHASE_BY_TIME[name])]
    name = _worded_phase(series)
    told = {"native": "without contrast by its description"}
    factor = _PHASE_BY_WORDS.get(name)
    return [Trait(told.get(name, f"{name} phase by its description"), factor)] if factor else []


def _region(series: Series) -> list[Trait]:
    text = f"{words.plain(series.text('BodyPartExamined'))} {all_words(series)}"
    if words.LEGS.find(text):
        if words.ELSEWHERE.find(text) and not words.LEGS.find(words.PELVIS.without(text)):
            return [Trait("of the pelvis and another region by its header", 0.6)]
        return [Trait("of the legs or pelvis by its header", 1.5)]
    if words.ELSEWHERE.find(text):
        return [Trait("of another region by its header", 0.3)]
    return []


def _derivation(series: Series) -> list[Trait]:
    kind = series.frames[0].image_type
    found = []
    if kind[:1] == ("DERIVED",):
        found.append(Trait("derived", 0.5))
    if kind[1:2] == ("SECONDARY",):
        found.append(Trait("secondary", 0.7))
    return found


def _misnamed(series: Series) -> list[Trait]:
    """Words that contradict what the images are, which counts more."""
    text = description(series)
    found = []
    scout = words.SCOUT.find(text) or words.TIMING.find(text)
    if scout:
        found.append(Trait(f"named like a localiser ({scout}) but a whole stack", 0.5))
    rendering = words.PROJECTION.find(text)
    if rendering:
        found.append(Trait(f"named {rendering} but original images", 0.5))
    if is_original(series) and words.SUBTRACTION.find(text):
        found.append(Trait("named a subtraction but original images", 0.3))
    return found


def _ct(series: Series) -> list[Trait]:
    found = _phase(series)
    kernel = series.text("ConvolutionKernel").split("\\")[0].lower()
    named_sharp = words.SHARP.find(all_words(series)) and not words.WITHOUT_BONE.find(
        all_words(series)
    )
    if SHARP_KERNEL.search(kernel) or named_sharp:
        found.append(Trait(f"sharp kernel {kernel}".strip(), 0.4))
    energy = _ENERGY.search(f"{all_words(series)} {words.plain(series.part)}")
    if energy and not _USUAL_KEV[0] <= int(energy[1]) <= _USUAL_KEV[1]:
        found.append(Trait(f"computed for {energy[1]} keV, at which brightness is another", 0.5))
    if _ONE_TUBE.search(all_words(series)):
        found.append(Trait("of one tube of a dual-energy scan", 0.3))
    if leaves_unit_open(series.frames):
        found.append(Trait("not said to be Hounsfield units", 0.8))
    if not series.problem:
        grid = series.stack.grid
        if grid.plane is not Plane.AXIAL:
            found.append(Trait(f"{grid.plane.name.lower()} reformat", 0.1))
        slice_mm = grid.spacing_mm[0]
        found.append(Trait(f"{slice_mm:.2f} mm slices", 1 / (1 + 0.03 * slice_mm)))
    return found


def _mr(series: Series) -> list[Trait]:
    text = all_words(series)
    found = []
    if named_phase(series) != "native":
        if series.text("ContrastBolusAgent"):
            found.append(Trait("contrast agent given", 2.0))
        elif words.ENHANCED.find(text):
            found.append(Trait("contrast by its description", 1.5))
    found += _phase(series)
    if words.OTHER_MR.find(text):
        found.append(Trait("not a T1-weighted sequence by its description", 0.3))
    part = dixon_part(series)
    if part:
        found.append(Trait(f"{part} image", _DIXON[part][0]))
    if not series.problem:
        plane = series.stack.grid.plane
        weight = {Plane.CORONAL: 1.0, Plane.AXIAL: 0.9, Plane.SAGITTAL: 0.3}
        found.append(Trait(f"{plane.name.lower()} slices", weight[plane]))
    return found
