"""Opening a cohort's images and masks so that single slices can be read without the rest.

Every file goes through the reader that screening uses, once: what the reader gives is what is trained on.
Where that is what an uncompressed NIfTI file holds anyway the file itself is mapped, else a copy in the cache.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from deepvein.cohorts.case import Case
from deepvein.cohorts.fingerprint import fingerprint
from deepvein.cohorts.promised import present
from deepvein.core import settings
from deepvein.core.errors import InputError, MaskError, NothingToScreenError, SettingsError
from deepvein.core.files import write_json
from deepvein.studies.dicom.values import text
from deepvein.studies.masks.filling import with_thrombi
from deepvein.studies.masks.labels import Labels, present_labels
from deepvein.studies.masks.person import Person, require_same_person
from deepvein.studies.masks.source_series import series_remarks
from deepvein.studies.study import Modality
from deepvein.studies.suitability import value_problems
from deepvein.volumes.grid import AXIAL, CORONAL, Float
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

_IMAGES, _MASKS = 4, 6
"""Count the ways in which files were read; copies of another one are made anew."""
_OPEN_CASES = 96
"""Cases held open at a time: three file descriptors each, below the usual limit of 1,024."""
_MOST_MARKED = 0.5
"""Share of an image that thrombi can fill, with a wide margin for images that are cropped to a vein."""
_MOST_ML = 1000.0
"""All veins of both legs and the vena cava hold less; maps of organs mark more."""


@dataclass(frozen=True, eq=False)
class OpenCase:
    """A case with its volumes memory-mapped: (slice, row, column) views that read what is sliced.

    Slices run as networks know them, whatever the order in the files: axial from feet to head for CT,
    coronal from front to back for MR. vein_labels, thrombus_labels: the labels that occur in the masks, None
    without a mask; thrombus_names: what the file calls those of the thrombi, empty for nothing. remarks: what
    was decided when the files were read, and values that are not those of the
    modality. image_digest: the same for images of the same voxels, wherever they lie and however they are
    stored; image_series: its Series Instance UIDs, none unless DICOM; mask_digests: digests of segments and
    thrombi, of those that are there.
    """

    case: Case
    image: Volume
    segments: Volume | None
    thrombi: Volume | None
    vein_labels: tuple[int, ...] | None = None
    thrombus_labels: tuple[int, ...] | None = None
    thrombus_names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    image_digest: str = ""
    image_series: tuple[str, ...] = ()
    mask_digests: tuple[str, ...] = ()

    @property
    def shows_thrombus(self) -> bool | None:
        """Whether the thrombus mask marks anything; None without a mask."""
        return None if self.thrombus_labels is None else bool(self.thrombus_labels)

    @property
    def names_veins(self) -> bool:
        """Whether the mask of veins tells one from another; in many all are 1, the inferior vena cava."""
        return self.vein_labels != (1,)

    @property
    def marked_digests(self) -> tuple[str, ...]:
        """The digests of the masks that mark anything."""
        labels = [one for one in (self.vein_labels, self.thrombus_labels) if one is not None]
        return tuple(digest for digest, told in zip(self.mask_digests, labels, strict=True) if told)

    @property
    def known_thrombi(self) -> Volume | None:
        """The thrombi; an empty map without a mask where the case is known to be free of DVT, else None."""
        if self.thrombi is None and self.case.has_dvt is False:
            return Volume(np.zeros(self.image.grid.shape, np.uint8), self.image.grid)
        return self.thrombi

    @property
    def files(self) -> Case:
        """The case with paths that exist, which lie elsewhere where the cohort only promises its files."""
        return present(self.case)


@lru_cache(maxsize=_OPEN_CASES)
def open_case(case: Case, cache: Path) -> OpenCase:
    """Open the volumes of a case; what cannot be mapped as it is gets unpacked once into the folder `cache`.

    Images may be anything that `studies.reading` reads, masks anything that `studies.masks` reads; masks
    come back on the image's grid. Files that the cohort only promises are made first (`cohorts.promised`).

    Raises StudyError, GeometryError, NothingToScreenError or MaskError that name the case.
    """
    directions = CORONAL if case.modality is Modality.MR else AXIAL
    files = present(case)
    kept = _open_image(files, cache, directions)
    image = kept.volume
    found = {
        name: _open_mask(files, name, path, kept, cache, directions)
        for name, path in (("segments", files.segments), ("thrombi", files.thrombi))
        if path is not None
    }
    masks = {name: orient(one.volume, directions) for name, one in found.items()}
    return OpenCase(
        case,
        orient(image, directions),
        masks.get("segments"),
        masks.get("thrombi"),
        found["segments"].labels if "segments" in found else None,
        found["thrombi"].labels if "thrombi" in found else None,
        found["thrombi"].names if "thrombi" in found else (),
        tuple(remark for one in (kept, *found.values()) for remark in one.remarks),
        kept.digest,
        kept.series,
        tuple(one.digest for one in found.values()),
    )


@dataclass(frozen=True, eq=False)
class _Kept:
    """A volume that is mapped, and what was found when it was read; labels: those of a mask, without 0, and
    their names; person: whose image it is, None if it cannot say; series: its Series Instance UIDs."""

    volume: Volume
    labels: tuple[int, ...]
    digest: str
    remarks: tuple[str, ...]
    person: Person | None = None
    series: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What a reader gave."""

    labels: Labels
    person: Person | None = None
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Record:
    """How a file was read. itself: the file can be mapped as it is, without a copy."""

    itself: bool
    frame_of_reference: str | None
    labels: tuple[int, ...]
    digest: str
    remarks: tuple[str, ...]
    person: Person | None = None
    further_frames: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def _open_image(case: Case, cache: Path, directions: Float) -> _Kept:
    def read() -> _Found:
        from deepvein.studies.reading import read_study

        study = read_study(case.image, case.modality)
        sources = study.origin.sources
        # Screening refuses to judge these.
        wrong = value_problems(study.volume, study.modality)
        remarks = tuple(f"in {case.image.name} {problem.text}" for problem in wrong)
        person = Person.of(sources[0].header) if sources else None
        uids = dict.fromkeys(text(source.header, "SeriesInstanceUID") for source in sources)
        return _Found(
            Labels(study.volume, remarks=remarks), person, tuple(uid for uid in uids if uid)
        )

    with _named(f"the image of case {case.case!r}"):
        return _kept(
            case.image, cache, f"{_IMAGES}|image as {case.modality.value}", read, directions
        )


def _open_mask(
    files: Case, name: str, path: Path, image: _Kept, cache: Path, directions: Float
) -> _Kept:
    onto = image.volume.grid
    # In one map of labels, each of which excludes the others, veins end where thrombi begin.
    shared = name == "segments" and path == files.thrombi

    def read() -> _Found:
        from deepvein.studies.masks import read_segments, read_thrombi

        remarks = (
            *require_same_person(path, image.person), *series_remarks(path, image.series),
        )  # fmt: skip
        found = (read_segments if name == "segments" else read_thrombi)(path, onto)
        share = np.count_nonzero(found.volume.array) / found.volume.array.size
        if name == "thrombi" and share > _MOST_MARKED:
            raise MaskError(
                f"{path.name} marks {share:.0%} of the image, which no thrombus fills: background and marks "
                "are the wrong way round, or it marks the whole body"
            )
        marked_ml = share * found.volume.array.size * onto.voxel_volume_ml
        if name == "thrombi" and marked_ml > _MOST_ML:
            raise MaskError(
                f"{path.name} marks {marked_ml / 1000:.1f} litres, more than all veins of the legs hold: it "
                "shows organs or the whole body; name its labels, or give the mask of the thrombi"
            )
        labels = Labels(found.volume, found.names, (*remarks, *found.remarks))
        return _Found(with_thrombi(labels, read_thrombi(path, onto), path) if shared else labels)

    frames = (onto.frame_of_reference, *onto.further_frames)
    place = f"{onto.shape} {onto.affine.tolist()} {frames} {image.person} {image.series}"
    what = f"{name} with thrombi" if shared else name
    with _named(f"the {name} of case {files.case!r}"):
        return _kept(path, cache, f"{_MASKS}|{what} on {place}", read, directions)


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Errors say first what they are about."""
    try:
        yield
    except (InputError, NothingToScreenError) as error:
        raise type(error)(f"{what}: {error}") from error


def _kept(
    path: Path, cache: Path, what: str, read: Callable[[], _Found], directions: Float
) -> _Kept:
    """What `read` gives, memory-mapped: from the file itself if it holds just that, else from a copy."""
    from deepvein.studies.nifti import read_nifti, write_nifti

    state = f"{what}|{fingerprint(path)}"
    key = hashlib.sha256(state.encode()).hexdigest()[:16]
    noted = cache / "unpacked" / f"{path.name}-{key}.json"
    copy = noted.with_suffix(".nii")
    record = _record(noted)
    if record is None or not (record.itself or _is_sound(copy)):
        given = read()
        found = given.labels
        itself = _holds(path, found.volume)
        if not itself:
            write_nifti(found.volume, copy)
        frame = found.volume.grid.frame_of_reference
        labels = _labels_in(found.volume)
        record = _Record(
            itself,
            frame,
            labels,
            _digest(orient(found.volume, directions)),
            found.remarks,
            given.person,
            found.volume.grid.further_frames,
            given.series,
            tuple(found.names.get(label, "") for label in labels),
        )
        write_json(noted, settings.to_dict(record), private=True)
    volume = read_nifti(path if record.itself else copy, memory_map=True)
    grid = replace(
        volume.grid,
        frame_of_reference=record.frame_of_reference,
        further_frames=record.further_frames,
    )
    mapped = Volume(volume.array, grid)
    return _Kept(
        mapped,
        record.labels,
        record.digest,
        record.remarks,
        record.person,
        record.series,
        record.names,
    )


def _labels_in(volume: Volume) -> tuple[int, ...]:
    """The labels that occur, without 0, in order; none for an image, whose values are no bytes."""
    return tuple(present_labels(volume.array)) if volume.array.dtype == np.uint8 else ()


def _digest(volume: Volume) -> str:
    """Of the voxels alone, whatever type they have: NIfTI made of DICOM has that of the DICOM."""
    digest = hashlib.blake2b(str(volume.grid.shape).encode(), digest_size=8)
    for plane in volume.array:
        digest.update(np.ascontiguousarray(plane, dtype=np.float32).data)
    return digest.hexdigest()


def _record(path: Path) -> _Record | None:
    try:
        return settings.load(_Record, path)
    except SettingsError:
        return None


def _is_sound(copy: Path) -> bool:
    """Whether a copy is there and as long as it was made."""
    from deepvein.studies.nifti import read_nifti

    try:
        read_nifti(copy, memory_map=True)
    except InputError:
        return False
    return True


def _holds(path: Path, volume: Volume) -> bool:
    """Whether a file is uncompressed NIfTI that holds these voxels in this type at this place."""
    from deepvein.studies.nifti import read_nifti

    if not path.name.lower().endswith(".nii"):
        return False
    stored = read_nifti(path, memory_map=True)
    return (
        isinstance(stored.array, np.memmap)
        and stored.array.dtype == volume.array.dtype
        and stored.grid.shape == volume.grid.shape
        and np.array_equal(stored.grid.affine, volume.grid.affine)
        and all(np.array_equal(a, b) for a, b in zip(stored.array, volume.array, strict=True))
    )
