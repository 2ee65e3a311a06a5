"""What kind of images a series holds, and whether they are images of the body at all."""

from __future__ import annotations

from deepvein.studies.dicom import image_types as types
from deepvein.studies.dicom import words
from deepvein.studies.dicom.scale import other_unit
from deepvein.studies.dicom.series import Series
from deepvein.studies.study import Modality

FEWEST_SLICES, SHORTEST_MM = 10, 60.0
"""A regular stack of so many slices over such a length is no localiser, whatever it is called."""

_GE_COMPLEX = (1, 2, 3)
"""Phase, real and imaginary part; 0 is magnitude."""

_THICK_MM, _THICK_STEPS = 8.0, 1.8
"""A derived slice thicker than this, and than so many steps to the next one, was summed from others."""


def description(series: Series) -> str:
    """The series' own texts, made plain for vocabularies."""
    derivation = "" if is_original(series) else series.text("DerivationDescription")
    return words.plain(f"{series.text('SeriesDescription')} {derivation}")


def is_original(series: Series) -> bool:
    """True if the first value of Image Type says that the pixels came from the scanner as they are."""
    return series.frames[0].image_type[:1] == ("ORIGINAL",)


def is_stack(series: Series) -> bool:
    """True if its slices are a regular stack of some length."""
    if series.problem or len(series.frames) < FEWEST_SLICES:
        return False
    corners = series.stack.grid.corners_mm
    return bool((corners.max(axis=0) - corners.min(axis=0)).max() >= SHORTEST_MM)


def exclusion(series: Series, modality: Modality | None) -> str:
    """Why a series can never be screened, empty if it might be.

    What the images are decides: Image Type, Rescale Type, geometry. Words decide alone only where they
    are plain and nothing contradicts them.
    """
    named = series.header.modality
    if named not in ("CT", "MR"):
        return f"its modality is {named or 'not given'}, not CT or MR"
    if modality and named != modality.value:
        return f"it is {named}, not {modality.value}"
    if series.frames[0].layout.samples != 1:
        return "it is a colour picture"
    checks = (
        _mosaic,
        _localiser,
        _projection,
        _material,
        _subtraction,
        _without_bone,
        _map,
        _not_magnitude,
    )
    return next((reason for check in checks if (reason := check(series))), "")


def _mosaic(series: Series) -> str:
    if "MOSAIC" in series.frames[0].image_type:
        return "it is a mosaic: many slices tiled into one picture, which cannot be read"
    return ""


def _localiser(series: Series) -> str:
    if "LOCALIZER" in series.frames[0].image_type:
        return "it is a localiser"
    if is_stack(series):
        return ""
    text = description(series)
    if words.SCOUT.find(text):
        return "it is a localiser"
    return "it was taken to time the contrast" if words.TIMING.find(text) else ""


def _projection(series: Series) -> str:
    told = "it is a projection (MIP, rendering or curved reformat), not the source images"
    parts = _type_words(series)
    if parts & types.PROJECTIONS:
        return told
    if parts & types.SCREENS:
        return "it is a picture of a screen, not the source images"
    if parts & types.AVERAGES:
        return "it shows slabs averaged from thinner slices, not the source images"
    text = description(series)
    found = words.PROJECTION.find(text)
    if found and not words.SOURCE_OF.find(text):
        original_ct = is_original(series) and series.header.modality == "CT" and is_stack(series)
        if not (original_ct and words.RENDERING.find(text) == found):
            return told
    if not is_original(series) and _is_thick(series):
        return "it shows thick slabs that were summed from thinner slices, not the source images"
    return ""


def _material(series: Series) -> str:
    if series.header.modality != "CT":
        return ""
    unit = other_unit(series.frames)
    parts, text = _type_words(series), description(series)
    kind = set(series.frames[0].image_type)
    if parts & types.WITHOUT_IODINE or words.WITHOUT_IODINE.find(text) or kind & {"MAT_REMOVED"}:
        return "it is a virtual image without contrast: what fills the vessels was computed away"
    if kind & types.MULTI_ENERGY or parts & types.EFFECTIVE:
        what = ", ".join(sorted(kind & types.MULTI_ENERGY or parts & types.EFFECTIVE))
        return f"it is a map computed from several energies ({what}), not Hounsfield units"
    named = parts & types.MATERIALS or kind & types.MATERIAL_KINDS or words.MATERIAL.find(text)
    if named or (not is_original(series) and words.IODINE.find(text)):
        return "it is a map of a material (iodine, for instance), not Hounsfield units"
    return f"it holds {unit}, not Hounsfield units" if unit else ""


def _subtraction(series: Series) -> str:
    named = words.SUBTRACTION.find(description(series))
    if _type_words(series) & types.SUBTRACTIONS or (named and not is_original(series)):
        return "it is a subtraction of two series, not the source images"
    return ""


def _without_bone(series: Series) -> str:
    if words.WITHOUT_BONE.find(description(series)) and not is_original(series):
        return "its bones were cut out, and with them what lies beside them; these are not the source images"
    return ""


def _map(series: Series) -> str:
    parts = _type_words(series)
    derived = not is_original(series)
    named = words.MATERIAL.find(description(series))
    if parts & types.MAPS or (derived and (parts & types.MAPS_IF_DERIVED or named)):
        return "it is a computed map, not an image"
    return ""


def _not_magnitude(series: Series) -> str:
    if series.header.modality == "MR" and (
        set(series.frames[0].image_type) & types.NOT_MAGNITUDE
        or {"PHASE", "MAP"} <= _type_words(series)
        or _ge_part(series) in _GE_COMPLEX
    ):
        return "it holds phase or complex parts, not magnitude"
    return ""


def _ge_part(series: Series) -> int | None:
    """What GE scanners, whose Image Type says OTHER of all, call an image in an element of their own."""
    try:
        return int(series.dataset.private_block(0x0043, "GEMS_PARM_01")[0x2F].value)
    except Exception:  # noqa: BLE001  (absent, or pydicom raises whatever a damaged value makes it)
        return None


def _is_thick(series: Series) -> bool:
    thickness = _slice_thickness(series)
    if series.problem or thickness is None or thickness < _THICK_MM:
        return False
    return thickness > _THICK_STEPS * series.stack.grid.spacing_mm[0]


def _slice_thickness(series: Series) -> float | None:
    try:
        return float(series.text("SliceThickness"))
    except ValueError:
        return None


def _type_words(series: Series) -> set[str]:
    return types.words_of(series.frames[0].image_type[1:])
