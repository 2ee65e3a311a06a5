"""What headers say about a series: phase, region, kernel, and whether it can be screened at all.

Header texts are free; the patterns below cover the words that scanners and radiographers use in English
and German. A word that is not known changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepvein.studies.dicom.scale import other_unit
from deepvein.studies.dicom.series import Series
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Plane

VENOUS = re.compile(
    r"\bven(a|e|o|ö)|\bvein|phleb|flebo|\bctv\b|\bmrv\b|\bdvt\b|\btvt\b|delay|\blate\b|spaet|spät|portal"
)
ARTERIAL = re.compile(r"arter|\bart\b|\bcta\b|run-?_?off|aorto|\bearly\b|\bfrüh")
NATIVE = re.compile(
    r"nativ|non?[ _-]?con|unenhanced|without contrast|w/o|\bpre\b|pre[ _-]?contrast|\bblank\b|ohne km"
)
ENHANCED = re.compile(
    r"contrast|\bgd\b|gado|\bpost\b|\+c\b|\bce\b|\bce-?mr|\bkm\b|\+ ?gd|veno|vein"
)
SCOUT = re.compile(
    r"scout|locali[sz]er|topogram|surview|survey|scanogram|smart ?prep|premonitor|monitoring|"
    r"bolus ?track|care ?bolus|test ?bolus|dose report"
)
PROJECTION = re.compile(r"\bmip\b|\bminip\b|\bvrt?\b|3d render|\braysum\b|rotat")
LEGS = re.compile(
    r"\blegs?\b|extrem|limb|femor|femur|thigh|calf|calves|tibia|\bknees?\b|pelvi|iliac|popliteal|"
    r"\bbein|becken|oberschenkel|unterschenkel|ankle|\bdvt\b|\btvt\b"
)
ELSEWHERE = re.compile(
    r"head|brain|skull|neck|thorax|chest|lung|heart|card|liver|abdomen|pancreas|spine|breast|prostate|"
    r"shoulder|\barm\b|wrist|\bhand\b|schädel|hals"
)
SHARP = re.compile(r"bone|edge|lung|sharp|^[bh][a-z]?[6-9]\d|^fc[358]\d|^y[a-d]$|knochen")
OTHER_MR = re.compile(r"\bt2|stir|haste|\bdwi|diff|\btse\b|\bfse\b|\badc\b|b0|field ?map|flair")
FAT = {"F", "FAT", "OUT_PHASE", "OP", "OPP_PHASE"}
NOT_MAGNITUDE = {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY", "PHASE_MAP", "VELOCITY"}
MAPS = {"PERFUSION", "ADC", "FA", "TTP", "MTT", "RCBF", "RCBV", "FIELD_MAP", "FIELD MAP", "B0"}
PROJECTIONS = {"MIP", "MINIP", "PROJECTION IMAGE", "MAX_IP", "MIN_IP", "VOLREN", "AVERAGE_IP"}


@dataclass(frozen=True)
class Trait:
    """A property that makes a series a better (factor above 1) or worse choice."""

    text: str
    factor: float


def words(series: Series) -> str:
    """The descriptive texts of a series in lower case."""
    keywords = ("SeriesDescription", "ProtocolName", "SequenceName")
    return " ".join(series.text(keyword) for keyword in keywords).lower()


def exclusion(series: Series, modality: Modality | None) -> str:
    """Why a series can never be screened, empty if it might be."""
    kind = set(series.frames[0].image_type)
    description = series.text("SeriesDescription").lower()
    named = series.header.modality
    unit = other_unit(series.frames)
    checks = (
        (named not in ("CT", "MR"), f"its modality is {named or 'not given'}, not CT or MR"),
        (modality and named != modality.value, f"it is {named}, not {modality and modality.value}"),
        (series.frames[0].layout.samples != 1, "it is a colour picture"),
        ("LOCALIZER" in kind or SCOUT.search(description), "it is a localiser"),
        (
            kind & PROJECTIONS or PROJECTION.search(description),
            "it is a projection (MIP or rendering), not the source images",
        ),
        (named == "CT" and unit, f"it holds {unit}, not Hounsfield units"),
        (kind & MAPS, "it is a computed map, not an image"),
        (
            named == "MR" and kind & NOT_MAGNITUDE,
            "it holds phase or complex parts, not magnitude",
        ),
    )
    return next((reason for holds, reason in checks if holds), "")


def traits(series: Series) -> tuple[Trait, ...]:
    """What counts for and against choosing a series; the product of the factors weighs its coverage."""
    found = [*_region(series), *_derivation(series)]
    return (*found, *(_ct(series) if series.header.modality == "CT" else _mr(series)))


def phase(text: str) -> str:
    """'venous', 'arterial', 'native' or '' by the words of a description."""
    if VENOUS.search(text):
        return "venous"
    if NATIVE.search(text):
        return "native"
    return "arterial" if ARTERIAL.search(text) else ""


def _region(series: Series) -> list[Trait]:
    text = f"{series.text('BodyPartExamined')} {words(series)}".lower()
    if LEGS.search(text):
        return [Trait("of the legs or pelvis by its header", 1.5)]
    if ELSEWHERE.search(text):
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


def _ct(series: Series) -> list[Trait]:
    known = {
        "venous": Trait("venous phase by its description", 1.5),
        "arterial": Trait("arterial phase by its description", 0.4),
        "native": Trait("without contrast by its description", 0.2),
    }
    found = [known[name] for name in (phase(words(series)),) if name]
    kernel = series.text("ConvolutionKernel").split("\\")[0].lower()
    if SHARP.search(kernel) or re.search(r"\bbone|\blung|knochen", words(series)):
        found.append(Trait(f"sharp kernel {kernel}".strip(), 0.4))
    if not series.problem:
        grid = series.stack.grid
        if grid.plane is not Plane.AXIAL:
            found.append(Trait(f"{grid.plane.name.lower()} reformat", 0.1))
        slice_mm = grid.spacing_mm[0]
        found.append(Trait(f"{slice_mm:.2f} mm slices", 1 / (1 + 0.03 * slice_mm)))
    return found


def _mr(series: Series) -> list[Trait]:
    text = words(series)
    found = []
    named = phase(text)
    if named == "native":
        found.append(Trait("before contrast by its description", 0.2))
    elif series.text("ContrastBolusAgent"):
        found.append(Trait("contrast agent given", 2.0))
    elif ENHANCED.search(text):
        found.append(Trait("contrast by its description", 1.5))
    if named == "venous":
        found.append(Trait("venous phase by its description", 1.3))
    if named == "arterial":
        found.append(Trait("arterial phase by its description", 0.5))
    if OTHER_MR.search(text):
        found.append(Trait("not a T1-weighted sequence by its description", 0.3))
    if set(series.frames[0].image_type) & FAT:
        found.append(Trait("fat or opposed-phase image", 0.1))
    if not series.problem:
        plane = series.stack.grid.plane
        weight = {Plane.CORONAL: 1.0, Plane.AXIAL: 0.9, Plane.SAGITTAL: 0.3}
        found.append(Trait(f"{plane.name.lower()} slices", weight[plane]))
    return found
