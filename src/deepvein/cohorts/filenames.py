"""What names of files and folders tell about images and masks, as people give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from deepvein.anatomy.naming import names_thrombus, names_vein, side_named, vein_named
from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality

_SUFFIXES = re.compile(r"(\.seg)?\.(nii\.gz|nii|nrrd|nhdr|dcm|zip)$", re.IGNORECASE)
_CHANNEL = re.compile(r"_(\d{4})$")
"""nnU-Net numbers the channels of an image: NAME_0000.nii.gz is the first."""

_MASK = {
    "annotation", "annotations", "contour", "contours", "groundtruth", "gt", "label", "labels", "labelmap",
    "labelstr", "labelsts", "mask", "masks", "roi", "rs", "rtss", "rtstruct", "seg", "segment",
    "segmentation", "segmentations", "segments", "truth", "manual", "dseg", "probseg", "maske", "masken",
    "masque", "masques", "maschera", "maschere", "mascara", "mascaras", "etiqueta", "etiquetas",
    "segmentierung", "segmentacion", "segmentazione", "segmentacao",
}  # fmt: skip
_THROMBI = {"lesion", "lesions"}
"""Besides what `names_thrombus` knows."""
_DIAGNOSES = re.compile(r"dvt|tvp|tvt|\w*(thrombos[ei]|trombos[ei])\w*")
"""What patients have: as the name of a folder, or before a number, it says nothing of a file."""
_VEINS = {
    "vein", "veins", "vessel", "vessels", "segments", "vene", "venen", "vena", "venas", "veine", "veines",
    "veia", "veias", "gefasse", "vaisseaux",
}  # fmt: skip
_PHASES = {"venous"}
"""Says of a mask that it shows veins, of an image when it was taken."""
_IMAGE = {
    "dicom", "image", "images", "imagestr", "imagests", "img", "nifti", "nrrd", "scan", "scans", "study",
    "volume", "anat", "bild", "bilder", "imagen", "imagenes", "immagine", "immagini", "imagem", "imagens",
}  # fmt: skip
_TREES = {"bids", "derivatives", "rawdata", "sourcedata"}
"""Folders of a data set in the layout of BIDS, which say nothing of the files below them."""
_ENTITY = re.compile(r"(sub|ses|acq|ce|rec|dir|run|echo)-.+", re.IGNORECASE)
"""A word of a name in BIDS that holds together."""
_MODALITY = {
    Modality.CT: {"ct", "cta", "ctv", "cect"},
    Modality.MR: {"mr", "mri", "mra", "mrv", "t1w", "t1ce", "t1gd"},
}
_VISIT = re.compile(
    r"(v|visit|ses|session|t|tp|timepoint|fu|follow[-_ ]?up|baseline|exam|study|series|day|week|month|year|pre|"
    r"post|before|after|initial|first|second|third|control)[-_ ]?\d{0,3}|\d{6}|\d{8}|"
    r"\d{4}[-_. ]\d{1,2}[-_. ]\d{1,2}|\d{1,2}[-_. ]\d{1,2}[-_. ]\d{4}"
)
_DATE = re.compile(r"(?<!\d)(\d{4}([-_. ])\d{1,2}\2\d{1,2}|\d{1,2}([-_. ])\d{1,2}\3\d{4})(?!\d)")
"""A date whose parts are words of a name."""
_PREDICTED = re.compile(
    r"pred(s|icted|ictions?)?|infer(ence|red)?|uncertainty|entropy|logits?|heatmap"
)
_OPINION = re.compile(
    r"(reader|rater|observer|obs|annotator|expert|radiologist|doctor|version|ver|v|rev|revision|old|new|final|"
    r"backup|bak|copy|draft|corrected|fixed|consensus|staple|auto|manual|prob\w*|soft|raw)\d*"
)
"""What tells apart several masks of the same, rather than masks of several things."""
_PART = {
    "common", "external", "internal", "deep", "superficial", "proximal", "distal", "prox", "dist", "upper",
    "lower", "superior", "inferior", "anterior", "posterior", "cava", "thigh", "calf", "pelvis", "knee",
}  # fmt: skip
"""Besides numbers, sides and veins, what tells apart parts of one mask."""


_GROUP = re.compile(
    r"train|training|test|testing|val|valid|validation|(dataset|task)\d+.*|(no|non|without)?(dvt|thromb\w*|tvp|tvt)s?|"
    r"pos|positive|neg|negative|sick|healthy|normal|controls?|cases|patients?|data|raw|all|nnunet\w*"
)


@dataclass(frozen=True)
class NamedFile:
    """What the path of a file below a root tells.

    key: the words that are left for the case, in lower case, without those that a file repeats of its folders.
    own: those of the file's name alone, as they are written. folders: those that are not of a kind of
    file, from the outermost. kind: "mask", "image" or empty. thrombi, veins: whether a word says so.
    modality: the one that a word names, None for none or both. channel: the number behind an nnU-Net image.
    """

    key: tuple[str, ...]
    own: tuple[str, ...]
    folders: tuple[str, ...]
    kind: str
    thrombi: bool
    veins: bool
    modality: Modality | None
    channel: int


def read_name(path: PurePath) -> NamedFile:
    """What a path relative to the root of a folder of cases tells."""
    stem = _SUFFIXES.sub("", path.name)
    channel = 0
    found = _CHANNEL.search(stem)
    if found and {"imagestr", "imagests", "images"} & {part.lower() for part in path.parts[:-1]}:
        channel, stem = int(found[1]), stem[: found.start()]
    folders = [part for part in path.parts[:-1] if not _is_kind(part)]
    words = [word for part in (*path.parts[:-1], stem) for word in _words(part)]
    spoken = {_plain(word) for word in words}
    own = tuple(word for word in _words(stem) if not _is_kind(word))
    above = [word.lower() for folder in folders for word in _words(folder) if not _is_kind(word)]
    modalities = [modality for modality, known in _MODALITY.items() if spoken & known]
    # The file's own name says more than its folders, and a folder more than those above: `labels/images.nii`
    # is an image.
    parts = [[_plain(word) for word in _words(part)] for part in (stem, *path.parts[-2::-1])]
    kinds = (_kind_of(part) for part in parts)
    kind = next(filter(None, kinds), "mask" if _DIAGNOSES.fullmatch("".join(parts[0][-1:])) else "")
    shown = next(filter(any, map(_shown_in, parts)), (False, False))
    return NamedFile(
        key=_joined(above, [word.lower() for word in own]),
        own=own,
        folders=tuple(folders),
        kind=kind,
        thrombi=shown[0],
        veins=shown[1],
        modality=modalities[0] if len(modalities) == 1 else None,
        channel=channel,
    )


def is_visit(word: str) -> bool:
    """Whether a word names a visit or a date rather than a patient: `v2`, `ses-01`, `20240131`."""
    return _VISIT.fullmatch(word.lower()) is not None


def without_dates(name: str) -> str:
    """A name without the dates in it: `P1_2024_01_31` is `P1`."""
    return re.sub(r"[-_. ]+", "_", _DATE.sub("", name)).strip("_")


def is_prediction(path: PurePath) -> bool:
    """Whether a file or a folder above it is called what some model made, such as `predictionsTs/c_1.nii`."""
    words = (
        word for part in (*path.parts[:-1], _SUFFIXES.sub("", path.name)) for word in _words(part)
    )
    return any(_PREDICTED.fullmatch(re.sub(r"(Tr|Ts)$", "", word).lower()) for word in words)


def is_opinion(path: PurePath) -> bool:
    """Whether the name of a mask says that it is one of several of the same, as of a reader or a version."""
    return any(_OPINION.fullmatch(_plain(word)) for word in _words(_SUFFIXES.sub("", path.name)))


def without_parts(path: PurePath) -> frozenset[str]:
    """The words of a mask's name without those of its kind and those that tell parts of it apart: numbers,
    letters, sides, veins. `clot_left_2` and `clot_right` are parts of one mask."""
    words = (re.sub(r"\d+", "", _plain(word)) for word in _words(_SUFFIXES.sub("", path.name)))
    return frozenset(word for word in words if not (_is_part(word) or _is_kind(word)))


def _is_part(word: str) -> bool:
    known = len(word) < 2 or word in _PART or names_vein(word) or vein_named(word) is not None
    return known or side_named(word) is not Side.UNKNOWN


def is_group(folder: str) -> bool:
    """Whether a folder is of many patients by its name, such as `train`, `noDVT` and `Dataset001_DVT`."""
    return _GROUP.fullmatch(re.sub(r"[\W_]+", "", _plain(folder))) is not None


def loose_words(key: Iterable[str]) -> tuple[str, ...]:
    """Words as they are compared where names are spelt otherwise: `p01` is `p`, `1`, as `P_1` is."""
    parts = (part for word in key for part in re.findall(r"\d+|[^\W\d_]+", word))
    return tuple(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def _joined(above: list[str], own: list[str]) -> tuple[str, ...]:
    """The words of folders and file, without those of its folders that the file repeats, as it does in BIDS."""
    own = [word for word in own if not (_ENTITY.fullmatch(word) and word in above)]
    for start in range(len(above)):
        if own[: len(above) - start] == above[start:]:
            return (*above[:start], *own)
    return (*above, *own)


def _kind_of(words: list[str]) -> str:
    """What plain words call a file: "mask", "image" or empty."""
    named = [word for word in words if not _DIAGNOSES.fullmatch(word)]
    if set(named) & (_MASK | _VEINS) or any(map(_is_thrombus, named)):
        return "mask"
    return "image" if set(named) & _IMAGE else ""


def _shown_in(words: list[str]) -> tuple[bool, bool]:
    """Whether plain words speak of thrombi, and of veins."""
    return any(map(_is_thrombus, words)), bool(set(words) & (_VEINS | _PHASES))


def _is_thrombus(word: str) -> bool:
    return word in _THROMBI or names_thrombus(word)


def _is_kind(word: str) -> bool:
    low = _plain(word)
    modality = any(low in known for known in _MODALITY.values())
    known = modality or low in _MASK | _IMAGE | _VEINS | _PHASES | _TREES
    return known or (_words(low) == [low] and _is_thrombus(low))


def _plain(word: str) -> str:
    """In lower case and without accents."""
    parted = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def _words(text: str) -> list[str]:
    pieces = re.split(r"[_\s.+]+", text)
    parts = ([one] if _ENTITY.fullmatch(one) else one.split("-") for one in pieces)
    return [word for words in parts for word in words if word]
