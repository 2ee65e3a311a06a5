"""DICOM SEG: thrombi and deep veins that viewers lay over the source images.

One BINARY segmentation a source series, pixel for pixel on its frames, uncompressed: what most viewers
read. Frames before the first and after the last marked one are left out; probabilities are not stored.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein._version import __version__
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.reports.dicom import identity
from deepvein.reports.dicom.context import UTF_8, StudyContext, study_context
from deepvein.reports.dicom.frames import write_frames
from deepvein.reports.dicom.planes import labels_in, planes
from deepvein.reports.dicom.segments import thrombus_segment, vein_segment
from deepvein.reports.dicom.series import (
    NOT_DICOM,
    obstacle,
    referenced_series,
    series_number,
    stand_in,
)
from deepvein.reports.masks import VEIN_TABLE, thrombus_labels, vein_probability
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceSeries
from deepvein.studies.study import Format, Remark
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from highdicom.seg import Segmentation, SegmentDescription

Segments = tuple["SegmentDescription", ...]


@dataclass(frozen=True, eq=False)
class SegContent:
    """What one SEG shows of one source series.

    images: (frames, rows, columns) uint8, segment numbers from 1 on the source's frames; kept: (n,)
    ascending indices of the frames that go into the file, the empty ones between marked ones too.
    """

    kind: str
    title: str
    source: SourceSeries
    kept: tuple[int, ...]
    images: NDArray[np.uint8]
    segments: Segments


@WRITERS.register("seg")
def seg_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """thrombi*.dcm (only if there are findings) and veins*.dcm, one for each source series.

    Unfit for a study that is not DICOM: a SEG refers to DICOM source images. A series whose headers
    cannot carry one is named in a remark.
    """
    del context
    if screening.study.origin.format is not Format.DICOM:
        return Report(unfit=NOT_DICOM)
    if screening.prediction is None:
        return Report(unfit="no model was asked about the study, so that it has no masks")
    sources = screening.study.origin.sources
    remarks, documents = [], []
    contexts = {id(source): study_context(source.header) for source in sources}
    for source in sources:
        reason = obstacle(source)
        if reason:
            remarks.append(_no_seg(source, reason))
    for number, content in enumerate(_contents(screening), start=1):
        if obstacle(content.source):
            continue
        suffix = f"_{sources.index(content.source) + 1}" if len(sources) > 1 else ""
        own = contexts[id(content.source)]
        dataset = segmentation(content, screening, own, number)
        name = f"{content.kind}{suffix}.dcm"
        documents.append(Document(name, partial(save_dataset, dataset), dataset))
    if documents:
        remarks += next(iter(contexts.values())).remarks
    return Report(tuple(documents), tuple(remarks))


def segmentation(
    content: SegContent, screening: Screening, context: StudyContext, number: int
) -> Segmentation:
    """One SEG object; `number` counts the SEG series of this screening from 1."""
    from highdicom.seg import Segmentation, SegmentationTypeValues

    # One pixel of the first segment: highdicom leaves out frames without any.
    pixel = np.zeros((1, *content.images.shape[1:]), dtype=np.uint8)
    pixel[0, 0, 0] = 1
    synthetic = "synthetic phantom - " if screening.study.synthetic else ""
    kind = ("seg", content.kind, content.source.frames[0].series_instance_uid)
    made = identity.when(screening)
    with warnings.catch_warnings():
        # Identifiers are carried over as they are, also those longer than the standard allows.
        warnings.simplefilter("ignore")
        file = Segmentation(
            source_images=[stand_in(content.source, content.kept[0], context)],
            pixel_array=pixel,
            segmentation_type=SegmentationTypeValues.BINARY,
            segment_descriptions=list(content.segments),
            series_instance_uid=identity.result_uid(screening, "series", *kind),
            series_number=series_number(content.source, number),
            sop_instance_uid=identity.result_uid(screening, "instance", *kind),
            instance_number=1,
            manufacturer="deepvein",
            manufacturer_model_name="deepvein",
            software_versions=__version__,
            device_serial_number=identity.serial_number(screening),
            content_label=content.kind.upper(),
            content_description=f"{content.title}, {synthetic}research only",
            series_description=f"deepvein {content.title.lower()} - {synthetic}research only",
            content_date=made.date(),
            content_time=made.time(),
            omit_empty_frames=True,
            contributing_equipment=[identity.equipment(screening)],
            specific_character_set=UTF_8,
        )
        identity.fix(file, screening, *kind)
        write_frames(file, content.source, content.kept, content.images)
        file.ReferencedSeriesSequence = referenced_series(content.source)
        context.enter(file)
    return file


def save_dataset(dataset: Any, path: Path) -> None:
    """Write a data set as a DICOM file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(path, enforce_file_format=True)


def _contents(screening: Screening) -> Iterator[SegContent]:
    if screening.findings:
        grid = screening.study.volume.grid
        yield from _drawn(screening, "thrombi", Volume(thrombus_labels(screening), grid), _thrombi)
    yield from _drawn(screening, "veins", vein_probability(screening), _veins, VEIN_TABLE)


def _drawn(
    screening: Screening,
    kind: str,
    values: Volume,
    describe: Callable[[Screening, list[int]], Segments],
    table: NDArray[np.uint8] | None = None,
) -> Iterator[SegContent]:
    """The labels as each source series shows them, numbered from 1 without gaps: a station may show
    only some of the findings. table: as `planes` takes it."""
    title = {"thrombi": "Thrombi", "veins": "Deep veins"}[kind]
    for source in screening.study.origin.sources:
        kept, images = planes(values, source.frames, table)
        shown = sorted({label for k in kept for label in labels_in(images[k])})
        if not shown:
            continue
        turn = np.zeros(256, dtype=np.uint8)
        turn[shown] = np.arange(1, len(shown) + 1)
        for k in kept if shown[-1] > len(shown) else ():
            images[k] = turn[images[k]]
        yield SegContent(kind, title, source, kept, images, describe(screening, shown))


def _thrombi(screening: Screening, numbers: list[int]) -> Segments:
    findings = {finding.number: finding for finding in screening.findings}
    spoke = _algorithm(screening)
    found: list[Finding] = [findings[number] for number in numbers]
    return tuple(thrombus_segment(place, one, spoke) for place, one in enumerate(found, start=1))


def _veins(screening: Screening, numbers: list[int]) -> Segments:
    only = screening.study.laterality
    return tuple(vein_segment(number, _algorithm(screening), only) for number in numbers)


def _algorithm(screening: Screening) -> Any:
    prediction = screening.prediction
    return identity.algorithm(() if prediction is None else prediction.models)


def _no_seg(source: SourceSeries, reason: str) -> Remark:
    text = (
        f"No DICOM SEG could be written for the series at {source.frames[0].path.name}: {reason}."
    )
    return Remark("no-seg", text)
