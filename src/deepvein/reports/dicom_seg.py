"""DICOM SEG: thrombi and deep veins that viewers lay over the source images.

One BINARY segmentation a source series, pixel for pixel on its frames, uncompressed: what most viewers
read. Frames without a segment are left out. Probabilities are not stored.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from deepvein._version import __version__
from deepvein.findings.screening import Screening
from deepvein.reports import seg_segments
from deepvein.reports.masks import thrombus_labels, vein_mask
from deepvein.reports.seg_file import SegContent, save_seg
from deepvein.reports.seg_masks import planes
from deepvein.reports.sources import SourceFrame, source_series
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, ReportContext
from deepvein.studies.study import Format
from deepvein.volumes.volume import Volume

_LOG = logging.getLogger(__name__)


@WRITERS.register("seg")
def write_seg(
    screening: Screening, folder: Path, context: ReportContext = EMPTY_CONTEXT
) -> tuple[Path, ...]:
    """thrombi*.dcm (only if there are findings) and veins*.dcm, one for each source series.

    Returns () for a study that is not DICOM: a SEG refers to DICOM source images. Raises StudyError if
    the source files cannot be read any more.
    """
    study = screening.study
    if study.origin.format is not Format.DICOM:
        _LOG.warning(
            "no DICOM SEG for %s: it needs a DICOM study, this one is %s",
            study.name,
            study.origin.format.value,
        )
        return ()
    sources = tuple(_sources(source_series(study)))
    contents = (*_thrombi(screening, sources), *_veins(screening, sources))
    written = []
    for number, (source, content) in enumerate(contents, start=1):
        suffix = f"_{source + 1}" if len(sources) > 1 else ""
        path = folder / f"{content.name}{suffix}.dcm"
        if save_seg(content, sources[source], path, screening, number):
            written.append(path)
    return tuple(written)


def _sources(
    series: tuple[tuple[SourceFrame, ...], ...],
) -> Iterator[tuple[SourceFrame, ...]]:
    """What one SEG may refer to: a classic series, or one multi-frame instance."""
    for frames in series:
        if frames and frames[0].number is not None:
            for _, instance in groupby(frames, key=lambda frame: frame.sop_instance_uid):
                yield tuple(instance)
        else:
            yield frames


def _thrombi(
    screening: Screening, sources: tuple[tuple[SourceFrame, ...], ...]
) -> Iterator[tuple[int, SegContent]]:
    if not screening.findings:
        return
    findings = {finding.number: finding for finding in screening.findings}
    algorithm = seg_segments.algorithm(screening.prediction.models, __version__)
    labels = Volume(thrombus_labels(screening), screening.prediction.grid)
    for index, frames in enumerate(sources):
        kept, images = planes(labels, frames)
        present = sorted({int(number) for k in kept for number in np.unique(images[k])} - {0})
        if not present:
            continue
        # Segments are numbered from 1 without gaps; a station may show only some of the findings.
        turn = np.zeros(256, dtype=np.uint8)
        turn[present] = np.arange(1, len(present) + 1)
        segments = tuple(
            seg_segments.thrombus_segment(place, findings[number], algorithm)
            for place, number in enumerate(present, start=1)
        )
        for k in kept:
            images[k] = turn[images[k]]
        yield index, SegContent("thrombi", "THROMBI", "Thrombi", kept, images, segments)


def _veins(
    screening: Screening, sources: tuple[tuple[SourceFrame, ...], ...]
) -> Iterator[tuple[int, SegContent]]:
    algorithm = seg_segments.algorithm(screening.prediction.models, __version__)
    veins = Volume(vein_mask(screening), screening.prediction.grid)
    for index, frames in enumerate(sources):
        kept, images = planes(veins, frames)
        if kept:
            segments = (seg_segments.vein_segment(1, algorithm),)
            yield index, SegContent("veins", "DEEP_VEINS", "Deep veins", kept, images, segments)
