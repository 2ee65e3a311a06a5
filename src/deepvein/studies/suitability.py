"""Whether a study that can be read can also be screened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.studies.bodypart import BodyPart, BodySettings, body_part
from deepvein.studies.dicom.words import ELSEWHERE, LEGS, phase, plain
from deepvein.studies.opacification import opacified_share
from deepvein.studies.study import Format, Modality, SeriesSummary, Study
from deepvein.volumes.grid import Plane
from deepvein.volumes.volume import Volume

_AIR_HU = -900
_AIR_SHARE = 0.1
"""Of values as low as air, from which an image is CT, whatever is said of it."""
_MOST_GREY, _CUT_SHARE = 255, 1e-3
"""The highest value of a display, and the share of values that are the highest where a window cut them."""
_FAT_HU, _BONE_HU = -50, 128
_MOST_HU, _BEYOND_SHARE = 32767, 0.01
"""Readers cut values there, to which no metal comes; of so many the values are no Hounsfield units."""
_DENSE_HU, _DENSE_SHARE = 700, 0.03
_FAT_RANGE, _LEAST_FAT = (-200, -40), 0.2
"""Legs have several times more fat than cortical bone and metal; where next to none of the values are fat's
and many are dense, tissue lies about 1,000 too high."""
_LOOKED_AT = 64
"""Slices, evenly spread, that tell how many values are of fat."""
_FLOOR_HU, _FLOOR_SHARE = -300, 0.1
"""Where so many values are the lowest of all, and that is no darker, air was cut off by a window."""
_FLAT_SHARE, _LEAST_AIR = 0.25, 0.05
"""Where so many values are one and the same of tissue, and so few are darker than `_FLOOR_HU`, the background
was overwritten: noise spreads tissue over dozens of values."""
_TISSUE_SHARE = 0.05
"""Of values, below which next to nothing is tissue."""
_FEWEST_SLICES, _SHORTEST_MM = 10, 60.0
"""Below them no course of a vein can be followed."""
_THICKEST_MM = 6.0
"""Thicker slices blur calf veins of 3 to 5 mm."""
_THICKEST_ACROSS_MM = 3.0
"""Slices that cut the veins lengthwise, in another plane than the models read, where they become its
pixels: on phantoms thrombi are found through 3 mm as through 2, and half of them through 5. Axial
slices lose little up to 5 mm."""
_OPACIFIED_SHARE = 0.05
"""Of the sections, that must show a vessel."""


@dataclass(frozen=True)
class Problem:
    """What stands against screening. `code` is stable, `text` a sentence; a problem that is not
    blocking only limits what the result is worth."""

    code: str
    text: str
    blocking: bool


def problems(study: Study) -> tuple[Problem, ...]:
    """Everything that stands against screening `study`, blocking problems first; () if nothing does.

    Looks at headers and at a few dozen coarse sections; no model is asked.
    """
    found = [
        *value_problems(study.volume, study.modality),
        *_extent(study),
        *_region(study),
        *_contrast(study),
    ]
    return tuple(sorted(found, key=lambda problem: not problem.blocking))


def coverage_mm(study: Study) -> float:
    """Length of the body that the volume covers along its body axis."""
    grid = study.volume.grid
    return grid.shape[grid.body_axis] * grid.spacing_mm[grid.body_axis]


def value_problems(volume: Volume, modality: Modality) -> tuple[Problem, ...]:
    """Values that are not the modality's.

    Every CT of legs shows fat and bone, and nothing beyond what 16 bits hold; images whose values were made
    1 or 255 wide do not. No MR shows air as CT does: its signal is positive, and even that of a subtraction
    lies around 0.
    """
    if modality is Modality.MR:
        share = float((volume.array < _AIR_HU).mean())
        if share < _AIR_SHARE:
            return _grey_levels(volume)
        text = f"{share:.0%} of its values are below {_AIR_HU}, as in air: these are Hounsfield units, not MR"
        return (Problem("hounsfield-in-mr", text, True),)
    beyond = int(np.count_nonzero(volume.array >= _MOST_HU))
    share = beyond / volume.array.size
    text = f"{beyond} values ({share:.2g} of all) were {_MOST_HU} HU or more and are cut there"
    if share >= _BEYOND_SHARE:
        text += ": they are not Hounsfield units; their sign, padding or rescale is not what the file says"
        return (Problem("beyond-hounsfield", text, True),)
    low, high = int(volume.array.min()), int(volume.array.max())
    if low > _FAT_HU or high < _BONE_HU:
        text = (
            f"its values reach from {low} to {high}, fat is below {_FAT_HU} and bone above {_BONE_HU} HU: they "
            "are not Hounsfield units"
        )
        return (Problem("not-hounsfield", text, True),)
    found = _levels(volume)
    if found:
        return found
    return (Problem("beyond-hounsfield", text, False),) if beyond else ()


def _grey_levels(volume: Volume) -> tuple[Problem, ...]:
    """MR of no more values than a display shows was cut by its window: what is brighter, or darker, is lost.

    Scanners store dim images in as few values too; these end below that of a display, with a voxel or two."""
    array = volume.array
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind == "f" or low < 0 or high > _MOST_GREY:
        return ()
    full = float((array == high).mean())
    if high < _MOST_GREY and full < _CUT_SHARE:
        return ()
    text = (
        f"its values are whole numbers from {low:g} to {high:g}, as of 8-bit pictures for a display, and "
        f"{full:.1%} of them are the highest: what a window cuts off can hide a thrombus; send the original "
        "images"
    )
    return (Problem("8-bit", text, False),)


def _levels(volume: Volume) -> tuple[Problem, ...]:
    """CT values that reach as far as Hounsfield units do, but lie too high, or were cut off by a window."""
    some = volume.array[:: max(1, len(volume.array) // _LOOKED_AT)]
    dense = float((some > _DENSE_HU).mean())
    fat = float(((some >= _FAT_RANGE[0]) & (some <= _FAT_RANGE[1])).mean())
    low = float(some.min())
    floor = float((some == low).mean())
    if low > _FLOOR_HU and floor > _FLOOR_SHARE:
        text = (
            f"{floor:.0%} of its values are {low:g}, and none is lower: air was cut off there, as by the "
            "window of a display; export the original values"
        )
        return (Problem("windowed", text, True),)
    if float((some < _FLOOR_HU).mean()) < _LEAST_AIR:
        values, counts = np.unique(some, return_counts=True)
        flat = float(counts.max() / some.size)
        if flat > _FLAT_SHARE:
            text = (
                f"{flat:.0%} of its values are {values[counts.argmax()]:g}, and next to none as dark as air: "
                "the background was overwritten, as by a mask; export the original values"
            )
            return (Problem("background-overwritten", text, True),)
    if dense > _DENSE_SHARE and fat < _LEAST_FAT * dense:
        text = (
            f"{dense:.0%} of its values are above {_DENSE_HU} and {fat:.1%} those of fat ({_FAT_RANGE[0]} to "
            f"{_FAT_RANGE[1]} HU): they are not Hounsfield units, as where an intercept of -1024 was lost"
        )
        return (Problem("not-hounsfield", text, True),)
    return ()


def _extent(study: Study) -> list[Problem]:
    grid = study.volume.grid
    found = []
    if grid.shape[0] < _FEWEST_SLICES:
        text = f"{grid.shape[0]} slices are too few; {_FEWEST_SLICES} or more are needed"
        found.append(Problem("too-few-slices", text, True))
    length = coverage_mm(study)
    if length < _SHORTEST_MM:
        text = f"{length:.0f} mm of the body are too little; {_SHORTEST_MM:.0f} mm are needed"
        found.append(Problem("too-little-coverage", text, True))
    usual = Plane.AXIAL if study.modality is Modality.CT else Plane.CORONAL
    if grid.plane is not usual:
        thickness, wanted = grid.spacing_mm[0], usual.name.lower()
        text = (
            f"the slices are {grid.plane.name.lower()} and {thickness:.1f} mm apart; "
            f"{study.modality.value} is read in {wanted} planes, "
        )
        most = _THICKEST_MM if grid.plane is Plane.AXIAL else _THICKEST_ACROSS_MM
        blocking = thickness > most
        if blocking:
            text += f"for which {most:.0f} mm is the most: "
            text += f"send {wanted} slices, or thinner ones"
        else:
            text += "which were cut from them; small thrombi may be missed"
        found.append(Problem("other-plane", text, blocking))
    if max(grid.spacing_mm) > _THICKEST_MM:
        text = f"voxels of {max(grid.spacing_mm):.1f} mm are too coarse for the veins of the calf"
        found.append(Problem("coarse", text, False))
    return found


def _region(study: Study) -> list[Problem]:
    seen = body_part(study.volume, study.modality)
    if seen is BodyPart.NOTHING:
        text = "the images show no body"
        tissue = np.mean(study.volume.array > BodySettings.body_hu)
        if study.modality is Modality.CT and tissue < _TISSUE_SHARE:
            text += f": {tissue:.1%} of them is brighter than {BodySettings.body_hu:.0f} HU, as if the rescale "
            text += "had been applied twice"
        return [Problem("no-body", text, True)]
    if seen in (BodyPart.CHEST, BodyPart.HEAD):
        text = f"the images look like a {seen.value}, not like legs or a pelvis"
        return [Problem("wrong-body-part", text, True)]
    told = plain(" ".join(f"{one.body_part} {one.description}" for one in _chosen(study)))
    elsewhere = ELSEWHERE.find(told)
    if elsewhere and not LEGS.find(told) and seen is not BodyPart.LEGS:
        text = f"the {_namer(study)} names another body part ({elsewhere})"
        return [Problem("wrong-body-part", text, _is_dicom(study))]
    return []


def _contrast(study: Study) -> list[Problem]:
    told = phase(" ".join(one.description for one in _chosen(study)))
    stated = _is_dicom(study) and not any(
        remark.code == "contrast-not-stated" for remark in study.remarks
    )
    timed = any(remark.code == "phase-by-time" for remark in study.remarks)
    if told == "arterial" and not timed:
        text = f"the {_namer(study)} says arterial; veins fill later"
        return [Problem("arterial-phase", text, _is_dicom(study))]
    if told == "native" and not stated:
        text = f"the {_namer(study)} says that no contrast was given"
        return [Problem("no-contrast", text, _is_dicom(study))]
    if study.modality is not Modality.CT:
        return []
    if opacified_share(study.volume) >= _OPACIFIED_SHARE:
        return []
    # Small veins of 95 HU stand out in no coarse section: who has followed the veins will know.
    but = "a contrast agent is stated, but" if stated else "no contrast agent is stated and"
    text = f"{but} no vessel stands out; veins may not be opacified"
    return [Problem("no-opacification", text, False)]


def _chosen(study: Study) -> list[SeriesSummary]:
    return [one for one in study.origin.series if one.chosen]


def _is_dicom(study: Study) -> bool:
    """True if words come from a header; a file's name, which anybody gives it, is only a hint."""
    return study.origin.format is Format.DICOM


def _namer(study: Study) -> str:
    return "header" if _is_dicom(study) else "file's name"
