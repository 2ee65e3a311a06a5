"""DICOM key object selection: the images that show the findings best, and their segmentation.

Each image is named with the presentation state under which it is to be seen, where one is written with it.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING

from deepvein._version import __version__
from deepvein.findings.screening import Screening
from deepvein.reports.dicom import identity
from deepvein.reports.dicom.context import UTF_8, study_context
from deepvein.reports.dicom.outlines import key_frames
from deepvein.reports.dicom.seg import save_dataset
from deepvein.reports.dicom.series import NOT_DICOM, instances, obstacle, series_number
from deepvein.reports.texts import NOT_A_DEVICE, short_place
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceFrame
from deepvein.studies.study import Format, Remark

if TYPE_CHECKING:
    from highdicom.ko import KeyObjectSelectionDocument
    from pydicom import Dataset


@WRITERS.register("keys")
def keys_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """keys.dcm, if there are findings in a DICOM study: the key image of each, with its place in words.

    A SEG that is written with it is selected too, and a presentation state is named with its images.
    Images without the UIDs that a reference needs cannot be selected, and a remark says so.
    """
    sources = screening.study.origin.sources
    if screening.study.origin.format is not Format.DICOM:
        return Report(unfit=NOT_DICOM)
    if not screening.findings:
        return Report()
    for source in sources:
        reason = obstacle(source)
        if reason:
            text = f"No key images could be marked in {source.frames[0].path.name}: {reason}."
            return Report(remarks=(Remark("no-keys", text),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = _document(screening, context)
    return Report((Document("keys.dcm", partial(save_dataset, file), file),))


def _document(screening: Screening, context: ReportContext) -> KeyObjectSelectionDocument:
    from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
    from pydicom.sr.codedict import codes

    sources, made = screening.study.origin.sources, identity.when(screening)
    study = study_context(sources[0].header)
    frames = key_frames(screening)
    chosen = {frame.sop_instance_uid for frame in frames.values()}
    images = [image for source in sources for image in instances(source, study, chosen)]
    segs = [one.dataset for one in context.documents if one.name.startswith("thrombi")]
    selected = [*images, *(seg for seg in segs if seg is not None)]
    states = [one.dataset for one in context.documents if one.name.startswith("presentation")]
    shown_under = [state for state in states if state is not None]
    places = ", ".join(f"{one.number} {short_place(one)}" for one in screening.findings)
    file = KeyObjectSelectionDocument(
        evidence=[*selected, *shown_under],
        content=KeyObjectSelection(
            document_title=codes.DCM.OfInterest,
            referenced_objects=selected,
            observer_device_context=identity.observer(screening),
            description=f"Possible thrombi: {places}. {NOT_A_DEVICE}",
        ),
        series_instance_uid=identity.result_uid(screening, "series", "keys"),
        series_number=series_number(sources[0], 60),
        sop_instance_uid=identity.result_uid(screening, "instance", "keys"),
        instance_number=1,
        manufacturer="deepvein",
        manufacturer_model_name="deepvein",
        software_versions=__version__,
        device_serial_number=identity.serial_number(screening),
        series_description="deepvein key images - research only",
        content_date=made.date(),
        content_time=made.time(),
        contributing_equipment=[identity.equipment(screening)],
        specific_character_set=UTF_8,
    )
    _name_frames(file, frames)
    _name_states(file, shown_under)
    identity.fix(file, screening, "keys")
    study.enter(file)
    return file


def _name_frames(file: KeyObjectSelectionDocument, frames: dict[int, SourceFrame]) -> None:
    """Name the frames of multi-frame images, which highdicom selects as a whole."""
    for item in file.ContentSequence:
        for reference in item.get("ReferencedSOPSequence", ()):
            uid = reference.ReferencedSOPInstanceUID
            numbers = {one.number for one in frames.values() if one.sop_instance_uid == uid}
            shown = sorted(number for number in numbers if number is not None)
            if shown:
                reference.ReferencedFrameNumber = shown


def _name_states(file: KeyObjectSelectionDocument, states: list[Dataset]) -> None:
    """Name with each image the presentation state that shows it (PS3.3 C.18.4), for which highdicom has
    no argument."""
    from pydicom import Dataset

    by_image = {
        image.ReferencedSOPInstanceUID: state
        for state in states
        for series in state.ReferencedSeriesSequence
        for image in series.ReferencedImageSequence
    }
    for item in file.ContentSequence:
        for reference in item.get("ReferencedSOPSequence", ()):
            state = by_image.get(reference.ReferencedSOPInstanceUID)
            if state is not None:
                named = Dataset()
                named.ReferencedSOPClassUID = state.SOPClassUID
                named.ReferencedSOPInstanceUID = state.SOPInstanceUID
                reference.ReferencedSOPSequence = [named]
