"""A DICOM study: a folder, a DICOMDIR, a zip archive or one file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.errors import DeepveinError, NothingToScreenError, StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.archive import Extracted, extract, is_zip
from deepvein.studies.dicom.files import (
    dicomdir_files,
    files_below,
    is_dicom,
    is_dicomdir,
    read_headers,
)
from deepvein.studies.dicom.header import DAMAGED, Header
from deepvein.studies.dicom.laterality import laterality
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.dicom.scale import require_hounsfield
from deepvein.studies.dicom.selection import Choice, choose, summaries
from deepvein.studies.dicom.series import Series, group
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import is_nifti
from deepvein.studies.nrrd import is_nrrd
from deepvein.studies.readers.reader import READERS
from deepvein.studies.study import Format, Identity, Modality, Origin, Remark, SeriesSummary, Study
from deepvein.volumes.stations import Merged, merge
from deepvein.volumes.volume import Volume


@dataclass(frozen=True, eq=False)
class Contents:
    """What lies at a location: headers of all DICOM files, and the unpacked archive if it was one."""

    headers: tuple[Header, ...]
    extracted: Extracted | None = None

    @property
    def studies(self) -> tuple[str, ...]:
        """Study Instance UIDs of the images, in the order met."""
        return tuple(dict.fromkeys(h.study_uid for h in self.headers if h.frames))


class DicomReader:
    """Reads headers first, chooses the series, then decodes only the pixels that are needed."""

    def accepts(self, path: Path) -> bool:
        return path.is_dir() or is_zip(path) or (path.is_file() and is_dicom(path))

    def survey(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> tuple[SeriesSummary, ...]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            headers = _of_study(location, contents(location.path, progress))
            found = group(headers)
            try:
                return choose(found, modality).summaries
            except DeepveinError:
                return summaries(found, modality)

    def read(
        self, location: StudyLocation, modality: Modality | None, progress: Progress = silent
    ) -> Study:
        # pydicom warns about each value that strays from the standard; what matters is checked here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inside = contents(location.path, progress)
            headers = _of_study(location, inside)
            choice = choose(group(headers), modality)
            return _study(location, inside, choice, progress)


READERS.add("dicom", DicomReader())


def contents(path: Path, progress: Progress = silent) -> Contents:
    """The headers of all DICOM files at `path`; raises StudyError if there are none."""
    extracted = None
    if path.is_dir():
        files: Sequence[Path] = files_below(path)
    elif is_zip(path):
        extracted = extract(path)
        files = files_below(extracted.folder)
    elif is_dicomdir(path):
        files = dicomdir_files(path)
    else:
        files = (path,)
    headers = read_headers(files, progress)
    if not headers:
        raise StudyError(_empty(path, files))
    return Contents(headers, extracted)


def _of_study(location: StudyLocation, inside: Contents) -> tuple[Header, ...]:
    found = inside.studies
    if all(header.sop_class == DAMAGED for header in inside.headers):
        first = inside.headers[0].path
        raise StudyError(f"{first} is damaged DICOM and cannot be read; copy it again")
    if location.study_uid:
        if location.study_uid not in found:
            raise StudyError(f"{location.path} holds no images of study {location.study_uid}")
        return tuple(h for h in inside.headers if h.study_uid == location.study_uid)
    if not found:
        kinds = sorted({_kind(header) for header in inside.headers})
        raise NothingToScreenError(
            f"{location.path} holds no CT or MR images, only {', '.join(kinds[:4])}"
        )
    if len(found) > 1:
        raise StudyError(
            f"{location.path} holds {len(found)} studies; name one, for instance {location.path}#{found[0]}"
        )
    return tuple(h for h in inside.headers if h.study_uid == found[0])


def _study(location: StudyLocation, inside: Contents, choice: Choice, progress: Progress) -> Study:
    chosen = choice.chosen
    modality = chosen.modality
    parts = [
        Volume(read_pixels(series.stack.frames, modality, progress), series.stack.grid)
        for series in chosen.series
    ]
    if modality is Modality.CT:
        require_hounsfield(chosen.series[0].stack.frames, parts[0].array)
    remarks = list(choice.remarks)
    order: tuple[int, ...] = (0,)
    volume = parts[0]
    if len(parts) > 1:
        merged = merge(parts)
        volume, order = merged.volume, merged.order
        remarks.append(_stations_remark(merged))
    first = chosen.series[0]
    remarks += _header_remarks(choice, first)
    remarks += _damage_remarks(inside)
    named = laterality([series.dataset for series in chosen.series])
    if named.conflict:
        remarks.append(Remark("laterality-contradictory", named.conflict))
    sources = tuple(chosen.series[index].source for index in order)
    stations = tuple(source.paths for source in sources)
    origin = Origin(
        location=location.as_path(),
        format=Format.DICOM,
        paths=tuple(path for station in stations for path in station),
        station_series=stations,
        series=choice.summaries,
        sources=sources,
        keep_alive=inside.extracted,
    )
    return Study(
        name=location.name,
        modality=modality,
        volume=volume.require_finite(),
        identity=_identity(first),
        origin=origin,
        laterality=named.side,
        synthetic=first.text("QualityControlImage").upper() == "YES",
        remarks=tuple(remarks),
    )


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
    ignored = sum(not summary.chosen for summary in choice.summaries)
    if ignored:
        remarks.append(
            Remark("series-ignored", f"{ignored} other series of the study were not used")
        )
    if not first.text("ContrastBolusAgent"):
        remarks.append(
            Remark("contrast-not-stated", "the header does not say that a contrast agent was given")
        )
    if first.text("LossyImageCompression") == "01":
        remarks.append(Remark("lossy", "the images were compressed with loss"))
    if choice.chosen.modality is Modality.CT and any(
        frame.slope is None or frame.intercept is None for frame in first.frames
    ):
        remarks.append(
            Remark("no-rescale", "the header gives no rescale; stored values were taken as HU")
        )
    return remarks


def _damage_remarks(inside: Contents) -> list[Remark]:
    damaged = [header.path.name for header in inside.headers if header.sop_class == DAMAGED]
    if not damaged:
        return []
    text = f"{len(damaged)} damaged DICOM file(s) were left out, first {damaged[0]}; slices may be missing"
    return [Remark("damaged-files", text)]


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


def _kind(header: Header) -> str:
    """What a file without usable images is, in the words of an error message."""
    from pydicom.uid import UID

    if header.sop_class == DAMAGED:
        return "damaged files"
    return header.modality or UID(header.sop_class).name


def _empty(path: Path, files: Sequence[Path]) -> str:
    if not path.is_dir():
        return f"{path} holds nothing that can be read as DICOM"
    others = [one for one in sorted(path.iterdir()) if is_nifti(one) or is_nrrd(one)]
    if others:
        return f"{path} holds no DICOM, but {len(others)} NIfTI or NRRD file(s): each is a study, give one"
    if not files:
        return f"{path} is an empty folder or holds no DICOM; give the folder that holds the images"
    return (
        f"none of the {len(files)} files in {path} is DICOM that can be read, first {files[0].name}"
    )
