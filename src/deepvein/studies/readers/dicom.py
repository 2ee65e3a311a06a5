"""A DICOM study: a folder, a DICOMDIR, a zip archive or one file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from deepvein.core.errors import DeepveinError, InputError, NothingToScreenError, StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.archive import is_zip, telling
from deepvein.studies.dicom.accounting import file_records, file_remarks, kind, odd_files
from deepvein.studies.dicom.blank import blank_remarks
from deepvein.studies.dicom.candidate import Candidate, short_name
from deepvein.studies.dicom.contents import MOST_NAMES, Contents, contents
from deepvein.studies.dicom.examination import Examination
from deepvein.studies.dicom.files import is_dicom
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.laterality import laterality
from deepvein.studies.dicom.pixels import HU_RANGE, read_pixels
from deepvein.studies.dicom.scale import require_hounsfield
from deepvein.studies.dicom.selection import Choice, choose, decisions
from deepvein.studies.dicom.series import Series, group
from deepvein.studies.dicom.values import number
from deepvein.studies.location import StudyLocation
from deepvein.studies.readers.reader import READERS, Survey
from deepvein.studies.study import Format, Identity, Modality, Origin, Remark, SeriesSummary, Study
from deepvein.volumes.stations import Merged, merge
from deepvein.volumes.volume import Volume

_TILTED, _UPRIGHT = 1.0, 0.5
"""Degrees: the least tilt of a gantry that counts, and the most of slices that have none."""


class DicomReader:
    """Reads headers first, chooses the series, then decodes only the pixels that are needed."""

    def accepts(self, path: Path) -> bool:
        return path.is_dir() or is_zip(path) or (path.is_file() and is_dicom(path))

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Survey:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inside = contents(location.path, progress)
            with telling(inside.extracted):
                wanted = location.study_uid
                if not any(wanted in (None, one.study_uid) for one in inside.examinations):
                    return Survey((), file_records(inside, None))
                examination = the_examination(location, inside)
                found = group(examination.headers)
                try:
                    decided = choose(found, modality).decisions
                except DeepveinError:
                    decided = decisions(found, modality)
                told = tuple(summary for _, summary in decided)
                return Survey(told, file_records(inside, examination, decided))

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        # pydicom warns about each value that strays from the standard; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inside = contents(location.path, progress)
            with telling(inside.extracted):
                examination = the_examination(location, inside)
                with naming(inside, examination):
                    return _study(location, inside, examination, modality, progress)


READERS.add("dicom", DicomReader())


def the_examination(location: StudyLocation, inside: Contents) -> Examination:
    """The one examination that `location` means.

    Raises NothingToScreenError if there is no image, and StudyError if all are damaged, if there are
    several examinations, or if the UID that names one belongs to several.
    """
    every = inside.examinations
    broken: Sequence[Header] = inside.unreadable
    if location.study_uid:
        every = tuple(one for one in every if one.study_uid == location.study_uid)
        broken = [header for header in broken if header.study_uid == location.study_uid]
        if not every and not broken:
            raise StudyError(f"{location.path} holds no images of study {location.study_uid}")
    if len(every) == 1:
        return every[0]
    if every:
        raise StudyError(_several(location, every, inside))
    if broken:
        more = f"; nor can {len(broken) - 1} more" if len(broken) > 1 else ""
        raise StudyError(
            f"{broken[0].path} cannot be used: {broken[0].trouble}{more}; copy it again or export it anew"
        )
    kinds = sorted({kind(header) for header in inside.headers})
    raise NothingToScreenError(
        f"{location.path} holds no CT or MR images, only {', '.join(kinds[:4])}"
    )


def _several(location: StudyLocation, every: Sequence[Examination], inside: Contents) -> str:
    uids = [one.study_uid for one in every]
    few = min(every, key=lambda one: len(one.headers))
    stray = ""
    if len(few.headers) <= MOST_NAMES and 3 * len(few.headers) < sum(len(e.headers) for e in every):
        stray = f" (one of them is {inside.names(header.path for header in few.headers)} alone)"
    if all(uids) and len(set(uids)) == len(uids):
        named = f"{location.path}#{uids[0]}"
        return f"{location.path} holds {len(every)} studies{stray}; name one, for instance {named}"
    shared = next((uid for uid in uids if uids.count(uid) > 1), "")
    patients = list(dict.fromkeys(one.patient for one in every if one.patient))
    folders = list(dict.fromkeys(inside.name(one.home) for one in every))
    kind_of = "under one Study Instance UID" if shared else "not all with a Study Instance UID"
    who = f" of patients {' and '.join(patients[:3])}" if len(patients) > 1 else ""
    who = who or _apart_by(every)
    told = f"{location.path} holds {len(every)} studies {kind_of}{who}{stray}"
    if len(folders) == len(every) and "." not in folders:
        first = "unpack it and give" if inside.extracted else "give"
        return f"{told}: {first} one of the folders {', '.join(folders[:3])}"
    return f"{told}: export each of them into a folder of its own"


def _apart_by(every: Sequence[Examination]) -> str:
    """What their headers say differently, empty where only their places tell examinations apart."""
    subjects = [list(dict.fromkeys(header.subject for header in one.headers)) for one in every[:2]]
    told = (one.difference(other) for one, other in product(*subjects))
    said = next(filter(None, told), "")
    if said:
        return f" with the {said}"
    named = [{header.instance.sop_instance for header in one.headers} for one in every[:2]]
    if (named[0] & named[1]) - {""}:
        return ", versions of the same images, with the same SOP Instance UIDs"
    frames = dict.fromkeys(one.headers[0].frame_of_reference for one in every)
    numbers = {dict(one.headers[0].frames[0].split).get("series number") for one in every}
    if len(frames) == len(every) and len(numbers) == 1 and "" not in numbers:
        return (
            f", scans of one place with one series number, {numbers.pop()}, in {len(frames)} frames of "
            "reference"
        )
    return ""


@contextmanager
def naming(inside: Contents, examination: Examination) -> Iterator[None]:
    """Adds to an error the few files that were not used: they may well be what is missing."""
    try:
        yield
    except InputError as error:
        told = odd_files(inside, examination)
        if not told:
            raise
        raise type(error)(f"{error}; {told}") from error


def _study(
    location: StudyLocation,
    inside: Contents,
    examination: Examination,
    modality: Modality | None,
    progress: Progress,
) -> Study:
    found = group(examination.headers)
    choice = choose(found, modality)
    chosen = choice.chosen
    parts = [
        Volume(read_pixels(series.stack.frames, chosen.modality, progress), series.stack.grid)
        for series in chosen.series
    ]
    if chosen.is_ct:
        for series, part in zip(chosen.series, parts, strict=True):
            require_hounsfield(series.stack.frames, part.array)
    blank = [
        one
        for series, part in zip(chosen.series, parts, strict=True)
        for one in blank_remarks(series.stack.frames, part.array, chosen.modality)
    ]
    remarks = [*choice.remarks, *dict.fromkeys(blank)]
    order: tuple[int, ...] = (0,)
    gains: tuple[float, ...] = (1.0,)
    volume = parts[0]
    if len(parts) > 1:
        merged = _blocks(parts) if chosen.is_ct else merge(parts)
        volume, order, gains = _in_all_frames(merged.volume, parts), merged.order, merged.gains
        told = _blocks_remark(chosen) if chosen.is_ct else _stations_remark(merged)
        remarks.append(told)
    first = chosen.series[0]
    remarks += _header_remarks(choice, first)
    remarks += _ignored_remarks(inside, choice)
    remarks += _naming_remarks(chosen.series)
    if location.path.is_file() and not inside.extracted and len(inside.headers) == 1:
        remarks += _alone(location.path, first)
    remarks += file_remarks(inside, examination, found, chosen.series)
    named = laterality([series.dataset for series in chosen.series])
    if named.conflict:
        remarks.append(Remark("laterality-contradictory", named.conflict))
    sources = tuple(
        replace(chosen.series[index].source, gain=gain)
        for index, gain in zip(order, gains, strict=True)
    )
    stations = tuple(source.paths for source in sources)
    origin = Origin(
        location=location.as_path(),
        format=Format.DICOM,
        paths=tuple(dict.fromkeys(path for station in stations for path in station)),
        station_series=stations,
        series=choice.summaries,
        files=file_records(inside, examination, choice.decisions),
        sources=sources,
        keep_alive=inside.extracted,
    )
    return Study(
        name=location.name,
        modality=chosen.modality,
        volume=volume.require_finite(),
        identity=_identity(first),
        origin=origin,
        laterality=named.side,
        synthetic=first.text("QualityControlImage").upper() == "YES",
        remarks=tuple(remarks),
    )


def _in_all_frames(volume: Volume, parts: Sequence[Volume]) -> Volume:
    """A joined volume whose grid knows the frames of reference of all its parts."""
    named = dict.fromkeys(part.grid.frame_of_reference for part in parts)
    further = tuple(one for one in named if one and one != volume.grid.frame_of_reference)
    return Volume(volume.array, replace(volume.grid, further_frames=further))


def _blocks(parts: Sequence[Volume]) -> Merged:
    """Parts of one CT scan as one volume, with air around them."""
    return merge(parts, gains=[1.0] * len(parts), outside=HU_RANGE[0], beside=True)


def _blocks_remark(chosen: Candidate) -> Remark:
    names = " and ".join(short_name(series) for series in chosen.series)
    return Remark("blocks-joined", f"{names} show parts of one scan and were joined")


def _stations_remark(merged: Merged) -> Remark:
    gains = ", ".join(f"{gain:.2f}" for gain in merged.gains)
    overlaps = ", ".join(f"{mm:.0f}" for mm in merged.overlaps_mm)
    turned = "; resampled onto the first station's grid" if merged.resampled else ""
    return Remark(
        "stations-merged",
        f"{len(merged.gains)} stations were merged (overlaps {overlaps} mm, gains {gains}{turned})",
    )


def _header_remarks(choice: Choice, first: Series) -> list[Remark]:
    remarks = []
    if not first.text("ContrastBolusAgent"):
        remarks.append(
            Remark("contrast-not-stated", "the header does not say that a contrast agent was given")
        )
    if first.is_lossy:
        remarks.append(Remark("lossy", "the images were compressed with loss"))
    longer = {
        frame.path for one in choice.chosen.series for frame in one.frames if frame.layout.surplus
    }
    if longer:
        named = min(longer).name
        text = f"{len(longer)} file(s) hold bytes behind their pixels, first {named}; they were not read"
        remarks.append(Remark("surplus-bytes", text))
    if first.text("BurnedInAnnotation").upper() == "YES":
        text = "the header says that texts or marks are burned into the images; they may be taken for vessels"
        remarks.append(Remark("burned-in", text))
    remarks += _tilt(first)
    if choice.chosen.modality is Modality.CT and any(
        frame.slope is None or frame.intercept is None for frame in first.frames
    ):
        remarks.append(
            Remark("no-rescale", "the header gives no rescale; stored values were taken as HU")
        )
    return remarks


def _tilt(series: Series) -> list[Remark]:
    """On a gantry that was tilted, if neither orientation nor positions of the slices show it."""
    tilt = number(series.dataset, "GantryDetectorTilt") or 0.0
    upright = abs(series.stack.grid.directions[2, 0]) > np.cos(np.radians(_UPRIGHT))
    if series.header.modality != "CT" or abs(tilt) < _TILTED or not upright:
        return []
    text = (
        f"the header says that the gantry was tilted by {tilt:g} degrees, the slices' orientation that it was "
        "not; places are wrong unless upright slices were reconstructed"
    )
    return [Remark("tilt-contradictory", text)]


def _alone(path: Path, series: Series) -> list[Remark]:
    """One slice is seldom meant."""
    if len(series.frames) > 1:
        return []
    text = f"one slice was given; for the whole series give its folder, {path.parent}"
    return [Remark("one-file", text)]


def _ignored_remarks(inside: Contents, choice: Choice) -> list[Remark]:
    ignored = [one for one in choice.decisions if not one[1].chosen]
    if not ignored:
        return []
    named = ", ".join(_in_short(inside, *one) for one in ignored[:MOST_NAMES])
    more = f" and {len(ignored) - MOST_NAMES} more" if len(ignored) > MOST_NAMES else ""
    text = f"{len(ignored)} other series of the study were not used: {named}{more}"
    return [Remark("series-ignored", text)]


def _in_short(inside: Contents, series: Series, summary: SeriesSummary) -> str:
    if len(series.frames) > 1:
        what = f"{len(series.frames)} slices"
    else:
        what = f"one slice, {inside.name(series.frames[0].path)}"
    return f"{summary.number} {summary.description} ({what})".strip()


def _naming_remarks(chosen: Sequence[Series]) -> list[Remark]:
    """On UIDs by which other programs would find the images, and that are not there or not sound."""
    remarks = []
    if not all(series.header.frame_of_reference for series in chosen):
        text = "the files name no frame of reference: a DICOM SEG cannot say where its marks lie"
        remarks.append(Remark("no-frame-of-reference", text))
    several = {
        dict(frame.split).get("frame of reference") for series in chosen for frame in series.frames
    }
    if len(several) > len(chosen):
        text = "the slices name different frames of reference, as if they could not be compared"
        remarks.append(Remark("slices-frames-of-reference", text))
    files = {frame.path: frame.instance for series in chosen for frame in series.frames}
    named = {instance.sop_instance for instance in files.values()}
    if "" in named:
        text = "files lack the SOP Instance UID: a DICOM SEG cannot refer to them"
        remarks.append(Remark("no-sop-instance-uid", text))
    elif len(named) < len(files):
        text = "several files have the same SOP Instance UID: a DICOM SEG cannot tell them apart"
        remarks.append(Remark("same-sop-instance-uid", text))
    return remarks


def _identity(series: Series) -> Identity:
    return Identity(
        patient_id=series.text("PatientID"),
        patient_name=series.text("PatientName"),
        patient_sex=series.text("PatientSex"),
        patient_age=series.text("PatientAge"),
        study_uid=series.text("StudyInstanceUID"),
        study_date=series.text("StudyDate"),
        study_description=series.text("StudyDescription"),
        accession_number=series.text("AccessionNumber"),
        institution=series.text("InstitutionName"),
        manufacturer=series.text("Manufacturer"),
        model=series.text("ManufacturerModelName"),
    )
