"""The account of a DICOM study's files: what became of each, and what of it a reader should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from deepvein.studies.account import Fate, FileRecord
from deepvein.studies.dicom.completeness import (
    exchanged,
    gaps_between,
    missing_ends,
    missing_files,
    missing_passes,
    short_stations,
    steps_between,
)
from deepvein.studies.dicom.contents import MOST_NAMES, Contents
from deepvein.studies.dicom.examination import Examination
from deepvein.studies.dicom.files import ARCHIVE, OTHER_ARCHIVE
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.selection import Decision
from deepvein.studies.dicom.series import Series
from deepvein.studies.study import Remark, SeriesSummary


def file_records(
    inside: Contents,
    examination: Examination | None,
    decisions: Sequence[Decision] = (),
) -> tuple[FileRecord, ...]:
    """One record for every file, in the order of their names.

    examination: the one that is meant, None where there is no single one.
    decisions: its series and what was decided on each.
    """
    fates: dict[Path, tuple[Fate, str]] = {}
    for path, what in inside.others:
        fates[path] = (Fate.NO_IMAGE, what)
    own = {header.path for header in examination.headers} if examination else set()
    for header in inside.headers:
        fates[header.path] = _fate(header, header.path in own, examination)
    used: Counter[Path] = Counter()
    for series, summary in decisions:
        for frame in series.frames:
            if summary.chosen:
                used[frame.path] += 1
                whole = used[frame.path] == frame.layout.frames
                fates[frame.path] = (
                    Fate.USED,
                    "" if whole else f"{used[frame.path]} of its frames",
                )
            elif not used[frame.path]:
                fates[frame.path] = (Fate.OTHER_SERIES, _called(summary))
    fates |= {path: (Fate.COPY, f"of {inside.name(one)}") for path, one in inside.copies.items()}
    for path, one in inside.twins.items():
        fates[path] = (Fate.COPY, f"the image of {inside.name(one)} under another UID")
    for header in inside.unlisted:
        fates[header.path] = (Fate.UNLISTED, "the DICOMDIR does not list it")
    for path in inside.lost:
        fates[path] = (Fate.UNREADABLE, "the DICOMDIR lists it, but it is not there")
    named = sorted((inside.name(path), *fate) for path, fate in fates.items())
    return tuple(FileRecord(*record) for record in named)


def file_remarks(
    inside: Contents, examination: Examination, found: Sequence[Series], chosen: Sequence[Series]
) -> list[Remark]:
    """What a reader of the result should know of files that were left out or are not there."""
    out = []
    broken = [header for header in inside.unreadable if _may_belong(header, examination)]
    if broken:
        names = inside.names(header.path for header in broken)
        text = f"left out, as damaged: {names} ({broken[0].trouble}); slices may be missing"
        out.append(Remark("damaged-files", text))
    if inside.lost:
        names = inside.names(inside.lost)
        text = f"the DICOMDIR lists {len(inside.lost)} file(s) that are not there: {names}"
        out.append(Remark("lost-files", text))
    ends = dict.fromkeys(missing_ends(series.files) for series in chosen)
    short = short_stations([series.frames for series in chosen])
    out += [Remark("missing-ends", told) for told in (*ends, short) if told]
    of_study = [header for header in inside.headers if header.study_uid == examination.study_uid]
    if told := missing_files(of_study):
        out.append(Remark("missing-files", told))
    if told := missing_passes(examination.headers):
        out.append(Remark("missing-passes", told))
    if examination.patient and not any(_names_patient(series.header) for series in chosen):
        text = f"the images name no patient; other series of the study are of {examination.patient}"
        out.append(Remark("no-patient", text))
    own = {header.study_uid for series in chosen for header in series.files}
    unlisted = [header.path for header in inside.unlisted if header.study_uid in own]
    if unlisted:
        text = (
            f"{len(unlisted)} image(s) of the study lie beside the DICOMDIR, which does not list them: "
            f"{inside.names(unlisted)}; they were left out, give the folder to have them read"
        )
        out.append(Remark("unlisted-files", text))
    steps = dict.fromkeys(steps_between(one.files, _numbers_beside(one, found)) for one in chosen)
    out += [Remark("missing-between", told) for told in steps if told]
    turned = dict.fromkeys(exchanged(one.stack.frames) for one in chosen)
    out += [Remark("exchanged-slices", told) for told in turned if told]
    gaps = dict.fromkeys(
        gaps_between(one.frames, one.stack.grid.spacing_mm[0])
        for one in chosen
        if len(one.frames) > 1
    )
    out += [Remark("gaps-between", told) for told in gaps if told]
    if inside.copies:
        named = _pairs(inside, inside.copies)
        text = f"{len(inside.copies)} file(s) are there twice and were used once: {named}"
        out.append(Remark("copies", text))
    if inside.twins:
        text = (
            f"{len(inside.twins)} image(s) are there again under other UIDs, with the same pixels and place, "
            f"and were used once: {_pairs(inside, inside.twins)}"
        )
        out.append(Remark("twins", text))
    packed = [path for path, what in inside.others if what in (ARCHIVE, OTHER_ARCHIVE)]
    if packed:
        text = f"{len(packed)} archive(s) beside the images were not opened: {inside.names(packed)}"
        out.append(Remark("archive-beside", text))
    apart = _set_apart(inside, found, chosen)
    return [*out, *_of_headers(chosen), *apart, *_strays(inside, examination)]


def _of_headers(chosen: Sequence[Series]) -> list[Remark]:
    """On dates and frames of the chosen series that were not taken as they are."""
    out = []
    files = [header for series in chosen for header in series.files]
    if any(header.undated for header in files):
        text = (
            "the dates go to and fro from slice to slice of one scan, as where a program that removes names "
            "moved those of each file by chance; none was believed"
        )
        out.append(Remark("dates-scattered", text))
    doubled = [header for header in files if header.doubled]
    if doubled:
        text = (
            f"{doubled[0].doubled} frame(s) of {doubled[0].path.name} are there again, with the same pixels "
            "and place, and were used once"
        )
        out.append(Remark("twins", text))
    return out


def _names_patient(header: Header) -> bool:
    return bool(header.subject.patient_id or header.subject.patient_name)


def _numbers_beside(series: Series, found: Sequence[Series]) -> set[int]:
    """Image numbers of the other images that share the series' UID."""
    beside = (one for one in found if one.uid == series.uid and one is not series)
    return {header.number for one in beside for header in one.files if header.number is not None}


def odd_files(inside: Contents, examination: Examination) -> str:
    """The few files of an examination that cannot be slices of its scans, as the end of a sentence."""
    told = []
    broken = [header for header in inside.unreadable if _may_belong(header, examination)]
    if broken:
        names = inside.names(header.path for header in broken)
        told.append(f"{names} cannot be used ({broken[0].trouble})")
    if inside.copies:
        told.append(f"there are copies, {_pairs(inside, inside.copies)}")
    objects = _objects(inside, examination)
    if 0 < len(objects) <= MOST_NAMES:
        told.append(f"{inside.names(header.path for header in objects)} is no CT or MR image")
    foreign = _foreign(inside, examination)
    if 0 < len(foreign) <= MOST_NAMES:
        told.append(f"{inside.names(foreign)} belongs to another study")
    series: dict[str, list[Path]] = {}
    for header in examination.headers:
        series.setdefault(header.series_uid, []).append(header.path)
    alone = [paths[0] for paths in series.values() if len(paths) == 1]
    if 0 < len(alone) <= MOST_NAMES and len(series) > len(alone):
        told.append(f"{inside.names(alone)} has another series UID")
    return "; ".join(told)


def _foreign(inside: Contents, examination: Examination) -> list[Path]:
    own = {header.path for header in examination.headers}
    return [header.path for header in inside.headers if header.usable and header.path not in own]


def _pairs(inside: Contents, pairs: Mapping[Path, Path]) -> str:
    few = list(pairs.items())[:MOST_NAMES]
    more = f" and {len(pairs) - MOST_NAMES} more" if len(pairs) > MOST_NAMES else ""
    return ", ".join(f"{inside.name(a)} of {inside.name(b)}" for a, b in few) + more


def _objects(inside: Contents, examination: Examination) -> list[Header]:
    """DICOM files of the study that are no images: reports, segmentations, presentation states."""
    return [
        header
        for header in inside.headers
        if not header.frames and not header.trouble and _may_belong(header, examination)
    ]


def _set_apart(inside: Contents, found: Sequence[Series], chosen: Sequence[Series]) -> list[Remark]:
    """On the slices of a chosen series' UID that belong to another image."""
    out = []
    taken = {id(series) for series in chosen}
    used = {frame.path for series in chosen for frame in series.frames}
    for uid in dict.fromkeys(series.uid for series in chosen):
        rest = [one for one in found if one.uid == uid and id(one) not in taken]
        paths = {frame.path: None for one in rest for frame in one.frames if frame.path not in used}
        count = sum(len(one.frames) for one in rest)
        if count:
            kinds = ", ".join(dict.fromkeys(one.part or "the rest" for one in rest[:MOST_NAMES]))
            where = f": {inside.names(paths)}" if 0 < len(paths) <= MOST_NAMES else ""
            text = f"{count} slices of the same series are another image ({kinds}) and were left out{where}"
            out.append(Remark("mixed-series", text))
    for series in chosen:
        uids = {header.series_uid for header in series.files}
        if len(uids) > 1:
            whole = len(uids) == len(series.files)
            what = (
                "slices with a series UID each" if whole else "series, pieces of one row of slices,"
            )
            text = f"{len(uids)} {what} were joined to one series"
            out.append(Remark("series-joined", text))
        studies = {header.study_uid for header in series.files}
        if len(studies) > 1:
            text = f"slices with {len(studies)} Study Instance UIDs, or without one, were joined to one series"
            out.append(Remark("study-joined", text))
    return out


def _strays(inside: Contents, examination: Examination) -> list[Remark]:
    """On the few files of other studies, and the DICOM files that are no images."""
    out = []
    foreign = _foreign(inside, examination)
    if 0 < len(foreign) <= MOST_NAMES:
        text = f"{len(foreign)} file(s) belong to another study: {inside.names(foreign)}"
        out.append(Remark("other-study", text))
    if objects := _objects(inside, examination):
        kinds = ", ".join(sorted({kind(header) for header in objects})[:MOST_NAMES])
        names = inside.names(header.path for header in objects)
        text = f"{len(objects)} file(s) of the study are no CT or MR images ({kinds}): {names}"
        out.append(Remark("no-images", text))
    return out


def kind(header: Header) -> str:
    """What a file without usable images is, in the words of a message."""
    from pydicom.uid import UID

    return str(UID(header.sop_class).name)


def _may_belong(header: Header, examination: Examination) -> bool:
    return header.study_uid in ("", examination.study_uid)


def _fate(header: Header, own: bool, examination: Examination | None) -> tuple[Fate, str]:
    if header.trouble:
        return Fate.UNREADABLE, header.trouble
    if not header.frames:
        return Fate.NO_IMAGE, kind(header)
    if own or examination is None:
        return Fate.OTHER_SERIES, f"series {header.series_uid or 'without UID'}"
    return Fate.OTHER_STUDY, f"study {header.study_uid or 'without UID'}"


def _called(summary: SeriesSummary) -> str:
    return f"series {summary.number} {summary.description}".strip()
