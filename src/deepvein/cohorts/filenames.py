"""What names of files and folders tell about images and masks, as people give them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from deepvein.anatomy.naming import names_thrombus, names_vein, side_named, vein_named
from deepvein.anatomy.thrombus_kinds import kind_named
from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality

_SUFFIXES = re.compile(r"(\.seg)?\.(nii\.gz|nii|nrrd|nhdr|dcm|zip)$", re.IGNORECASE)
_CHANNEL = re.compile(r"(.+)_(\d{4})")
"""nnU-Net numbers the channels of an image: NAME_0000.nii.gz is the first."""
CHANNELLED = {"imagestr", "imagests", "imagesval"}
"""Folders of images in nnU-Net's layout."""
LABELLED = {"labelstr", "labelsts", "labelsval"}
"""And those of masks."""
_MOST_CHANNELS = 10

_MASK = {
    "annotation", "annotations", "contour", "contours", "groundtruth", "gt", "label", "labels", "labelmap",
    "lbl", "labelstr", "labelsts", "mask", "masks", "roi", "rs", "rtss", "rtstruct", "seg", "segment",
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
    "vol", "volume", "anat", "imaging", "bild", "bilder", "imagen", "imagenes", "immagine", "immagini",
    "imagem", "imagens",
}  # fmt: skip
_GLUED = re.compile(r"(img|image|lbl|label|mask|seg|segmentation|vol|volume)(\d+)", re.IGNORECASE)
"""A kind and the number of a case as the first word of a name: `img0001`, `label0001`."""
_TREES = {"bids", "derivatives", "rawdata", "sourcedata"}
"""Folders of a data set in the layout of BIDS, which say nothing of the files below them."""
_ENTITY = re.compile(r"(sub|ses|acq|ce|rec|dir|run|echo)-.+", re.IGNORECASE)
"""A word of a name in BIDS that holds together."""
_MODALITY = {
    Modality.CT: {"ct", "cta", "ctv", "cect"},
    Modality.MR: {"mr", "mri", "mra", "mrv", "t1w", "t1ce", "t1gd"},
}
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
    "lower", "superior", "inferior", "anterior", "posterior", "cava", "thigh", "calf", "pelvis", "knee", "non",
}  # fmt: skip
"""Besides numbers, sides and veins, what tells apart parts of one mask."""


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


def stem_of(path: PurePath) -> str:
    """The name of a file without the suffixes of images and masks."""
    return _SUFFIXES.sub("", path.name)


def read_name(path: PurePath, *, numbered: bool = False) -> NamedFile:
    """What a path relative to the root of a folder of cases tells; numbered: it ends with the number of a
    channel, as `channel_numbers` finds it."""
    stem = stem_of(path)
    channel = 0
    found = _CHANNEL.fullmatch(stem) if numbered else None
    if found:
        stem, channel = found[1], int(found[2])
    folders = [part for part in path.parts[:-1] if not _is_kind(part)]
    words = [word for part in (*path.parts[:-1], stem) for word in words_of(part)]
    spoken = {plain(word) for word in words}
    own = tuple(word for word in words_of(stem) if not _is_kind(word))
    above = [word.lower() for folder in folders for word in words_of(folder) if not _is_kind(word)]
    modalities = [modality for modality, known in _MODALITY.items() if spoken & known]
    # The file's own name says more than its folders, and a folder more than those above: `labels/images.nii`
    # is an image.
    parts = [[plain(word) for word in words_of(part)] for part in (stem, *path.parts[-2::-1])]
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


def channel_numbers(paths: Iterable[PurePath]) -> frozenset[PurePath]:
    """Those of all paths of a folder of cases whose names end with the number of a channel, as nnU-Net writes
    it, and not with that of a case.

    Channels of an image are counted from 0000. They are channels in nnU-Net's folders, where a mask is called
    as the image without the number, and where those beside them are counted alike; never where a mask is
    called as the image with it.
    """
    found: dict[PurePath, dict[str, dict[int, PurePath]]] = defaultdict(lambda: defaultdict(dict))
    names: dict[str, set[PurePath]] = defaultdict(set)
    for path in paths:
        stem = stem_of(path)
        told = _CHANNEL.fullmatch(stem) if stem != path.name else None
        if told:
            found[path.parent][told[1]][int(told[2])] = path
        names[_bare(stem)].add(path)
    taken: set[PurePath] = set()
    for folder, images in found.items():
        counted = {
            stem
            for stem, own in images.items()
            if sorted(own) == list(range(len(own))) and len(own) <= _MOST_CHANNELS
        }
        for stem in counted:
            own = images[stem]
            whole = (_bare(stem_of(path)) for path in own.values())
            if any(names[name] - set(own.values()) for name in whole):
                continue
            alike = len(images) == len(counted) and (len(images) > 1 or len(own) == 1)
            if folder.name.lower() in CHANNELLED or names.get(_bare(stem)) or alike:
                taken |= set(own.values())
    return frozenset(taken)


def _bare(stem: str) -> str:
    """The words of a name without those of its kind, as names of images and masks are compared."""
    return "_".join(word for word in words_of(stem) if not _is_kind(word)).lower()


def is_prediction(path: PurePath) -> bool:
    """Whether a file or a folder above it is called what some model made, such as `predictionsTs/c_1.nii`."""
    words = (word for part in (*path.parts[:-1], stem_of(path)) for word in words_of(part))
    return any(_PREDICTED.fullmatch(re.sub(r"(Tr|Ts)$", "", word).lower()) for word in words)


def is_opinion(path: PurePath) -> bool:
    """Whether the name of a mask says that it is one of several of the same, as of a reader or a version."""
    return any(_OPINION.fullmatch(plain(word)) for word in words_of(stem_of(path)))


def without_parts(path: PurePath) -> frozenset[str]:
    """The words of a mask's name without those of its kind and those that tell parts of it apart: numbers,
    letters, sides, veins, kinds of thrombus. `clot_left_2` and `clot_right` are parts of one mask."""
    words = (re.sub(r"\d+", "", plain(word)) for word in words_of(stem_of(path)))
    return frozenset(word for word in words if not (_is_part(word) or _is_kind(word)))


def _is_part(word: str) -> bool:
    known = len(word) < 2 or word in _PART or names_vein(word) or vein_named(word) is not None
    known = known or kind_named(word) is not None
    return known or side_named(word) is not Side.UNKNOWN


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
    thrombi = any(map(_is_thrombus, words))
    # `P1_venous_thrombus` begins with the name of an image of the venous phase.
    return thrombi, bool(set(words) & (_VEINS if thrombi else _VEINS | _PHASES))


def _is_thrombus(word: str) -> bool:
    return word in _THROMBI or names_thrombus(word)


def _is_kind(word: str) -> bool:
    low = plain(word)
    modality = any(low in known for known in _MODALITY.values())
    known = modality or low in _MASK | _IMAGE | _VEINS | _PHASES | _TREES
    return known or (words_of(low) == [low] and _is_thrombus(low))


def plain(word: str) -> str:
    """In lower case and without accents."""
    parted = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The words of a name: _ . + - and spaces part them, but for - within an entity of BIDS."""
    pieces = re.split(r"[_\s.+]+", text)
    glued = _GLUED.fullmatch(pieces[0])
    if glued:
        pieces[:1] = glued.groups()
    parts = ([one] if _ENTITY.fullmatch(one) else one.split("-") for one in pieces)
    return [word for words in parts for word in words if word]
