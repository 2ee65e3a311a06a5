"""DICOM presentation states: the key images as they are meant to be seen, outlined and labelled.

A grayscale softcopy presentation state (PS3.3 A.33.1) lies over images without changing them: the window,
the outline of each finding on the image that shows it best, and its label, a layer a finding. There is one
for each source series and not one a finding, because a viewer applies one at a time: of two findings on
one image one would stay unseen. It holds one Modality LUT for all of its images, so images that are
rescaled differently get one each.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from deepvein._version import __version__
from deepvein.drawing.windows import Window, window_for
from deepvein.findings.screening import Screening
from deepvein.reports.dicom import identity
from deepvein.reports.dicom.context import UTF_8, StudyContext, study_context
from deepvein.reports.dicom.outlines import Box, Marked, label_box, marked
from deepvein.reports.dicom.seg import save_dataset
from deepvein.reports.dicom.segments import tracking_id
from deepvein.reports.dicom.series import NOT_DICOM, obstacle, series_number, stand_in
from deepvein.reports.texts import percent, short_place
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceFrame, SourceSeries
from deepvein.studies.study import Format, Modality, Remark

if TYPE_CHECKING:
    from highdicom.pr import GraphicAnnotation, GraphicLayer, GrayscaleSoftcopyPresentationState
    from pydicom import Dataset

_YELLOW_RGB = (255, 210, 63)
"""That of the outlines in our own pictures."""
_NOTICE_LAYER = "NOTICE"


@dataclass(frozen=True, eq=False)
class _State:
    """What one presentation state shows of one source series; number: from 1 over the whole study."""

    number: int
    source: SourceSeries
    findings: tuple[Marked, ...]

    @property
    def frames(self) -> tuple[SourceFrame, ...]:
        """The key frames, each once, in the order of the series."""
        shown = {_name_of(one.frame) for one in self.findings}
        return tuple(frame for frame in self.source.frames if _name_of(frame) in shown)

    @property
    def rescale(self) -> tuple[float, float]:
        frame = self.findings[0].frame
        return frame.slope, frame.intercept


@WRITERS.register("presentation")
def presentation_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """presentation*.dcm, if there are findings in a DICOM study: outline and label on the key images.

    Images without the UIDs that a reference needs carry none, and a remark says so.
    """
    del context
    sources = screening.study.origin.sources
    if screening.study.origin.format is not Format.DICOM:
        return Report(unfit=NOT_DICOM)
    if not screening.findings:
        return Report()
    for source in sources:
        reason = obstacle(source)
        if reason:
            text = f"No presentation state could be written for {source.frames[0].path.name}: {reason}."
            return Report(remarks=(Remark("no-presentation", text),))
    study, documents = study_context(sources[0].header), []
    states = _states(screening)
    for state in states:
        suffix = f"_{state.number}" if len(states) > 1 else ""
        with warnings.catch_warnings():
            # Identifiers are carried over as they are, also those longer than the standard allows.
            warnings.simplefilter("ignore")
            file = _presentation(state, screening, study)
        documents.append(Document(f"presentation{suffix}.dcm", partial(save_dataset, file), file))
    return Report(tuple(documents), study.remarks)


def _states(screening: Screening) -> tuple[_State, ...]:
    """The findings by the series and the rescaling of their key frames, from head to feet."""
    every, groups = marked(screening), []
    for source in screening.study.origin.sources:
        names = {_name_of(frame) for frame in source.frames}
        here = [one for one in every if _name_of(one.frame) in names]
        for scale in dict.fromkeys((one.frame.slope, one.frame.intercept) for one in here):
            alike = (one for one in here if (one.frame.slope, one.frame.intercept) == scale)
            groups.append((source, tuple(alike)))
    return tuple(
        _State(number, source, findings)
        for number, (source, findings) in enumerate(groups, start=1)
    )


def _presentation(
    state: _State, screening: Screening, study: StudyContext
) -> GrayscaleSoftcopyPresentationState:
    from highdicom.pr import GrayscaleSoftcopyPresentationState

    source, made = state.source, identity.when(screening)
    series = source.frames[0].series_instance_uid
    kind = ("presentation", series, *(repr(value) for value in state.rescale))
    images = {}
    for frame in state.frames:
        image = stand_in(source, source.frames.index(frame), study)
        # Frames of one instance are images of their own until the true references are put in.
        image.SOPInstanceUID, image.SamplesPerPixel = _name_of(frame), 1
        images[_name_of(frame)] = image
    layers, annotations = _graphics(state, images, screening.study.synthetic)
    synthetic = "synthetic phantom - " if screening.study.synthetic else ""
    file = GrayscaleSoftcopyPresentationState(
        referenced_images=list(images.values()),
        series_instance_uid=identity.result_uid(screening, "series", "presentation"),
        series_number=series_number(screening.study.origin.sources[0], 70),
        sop_instance_uid=identity.result_uid(screening, "instance", *kind),
        instance_number=state.number,
        manufacturer="deepvein",
        manufacturer_model_name="deepvein",
        software_versions=__version__,
        device_serial_number=identity.serial_number(screening),
        content_label="THROMBI",
        content_description=f"Possible thrombi outlined, {synthetic}research only",
        graphic_annotations=annotations,
        graphic_layers=layers,
        content_creator_name="deepvein^",
        modality_lut_transformation=_modality_lut(state, screening.study.modality),
        voi_lut_transformations=[_window(state, screening)],
        presentation_lut_transformation=_polarity(source),
        series_description=f"deepvein outlines - {synthetic}research only",
        contributing_equipment=[identity.equipment(screening)],
        specific_character_set=UTF_8,
    )
    file.PresentationCreationDate = f"{made:%Y%m%d}"
    file.PresentationCreationTime = f"{made:%H%M%S}"
    # Type 2C for paired body parts (PS3.3 C.7.3.1): the images show what they show, on both sides or one.
    file.Laterality = None
    for area in file.DisplayedAreaSelectionSequence:
        # highdicom takes pixels for square.
        del area.PresentationPixelAspectRatio
        area.PresentationPixelSpacing = images[_name_of(state.frames[0])].PixelSpacing
    _refer_to_frames(file, state.frames)
    identity.fix(file, screening, *kind)
    study.enter(file)
    return file


def _name_of(frame: SourceFrame) -> str:
    """What tells a frame from all others of the study."""
    uid = frame.sop_instance_uid
    return uid if frame.number is None else f"{uid}.{frame.number}"


def _graphics(
    state: _State, images: dict[str, Dataset], synthetic: bool
) -> tuple[list[GraphicLayer], list[GraphicAnnotation]]:
    """A layer and an annotation a finding, and the notice on each image."""
    from highdicom.pr import GraphicAnnotation

    layers = []
    annotations = []
    taken = {
        uid: [one.box for one in state.findings if _name_of(one.frame) == uid] for uid in images
    }
    for order, one in enumerate(state.findings, start=1):
        uid = _name_of(one.frame)
        place = label_box(one.box, taken[uid], one.frame)
        taken[uid].append(place)
        layers.append(_layer(f"THROMBUS {one.finding.number}", order, short_place(one.finding)))
        annotations.append(
            GraphicAnnotation(
                referenced_images=[images[uid]],
                graphic_layer=layers[-1],
                graphic_objects=_lines(one) or None,
                text_objects=[_label(one, place)],
            )
        )
    layers.append(_layer(_NOTICE_LAYER, len(layers) + 1, "what this is for"))
    annotations += [
        GraphicAnnotation(
            referenced_images=[image],
            graphic_layer=layers[-1],
            text_objects=[_notice(image, synthetic)],
        )
        for image in images.values()
    ]
    return layers, annotations


def _layer(name: str, order: int, description: str) -> GraphicLayer:
    from highdicom.color import CIELabColor
    from highdicom.pr import GraphicLayer

    layer = GraphicLayer(
        layer_name=name,
        order=order,
        description=identity.short_text(description),
        display_color=CIELabColor.from_rgb(*_YELLOW_RGB),
    )
    # White on a screen without colours.
    layer.GraphicLayerRecommendedDisplayGrayscaleValue = 0xFFFF
    return layer


def _lines(one: Marked) -> list[Any]:
    from highdicom.pr import AnnotationUnitsValues, GraphicObject, GraphicTypeValues

    return [
        GraphicObject(
            graphic_type=GraphicTypeValues.POLYLINE,
            graphic_data=line,
            units=AnnotationUnitsValues.PIXEL,
            tracking_id=tracking_id(one.finding),
            tracking_uid=one.finding.tracking_uid,
        )
        for line in one.outlines
    ]


def _label(one: Marked, place: Box) -> Any:
    from highdicom.pr import AnnotationUnitsValues, TextObject

    finding = one.finding
    text = f"{finding.number} {short_place(finding)} {percent(finding.probability)}"
    return TextObject(
        text_value=identity.short_text(text),
        units=AnnotationUnitsValues.PIXEL,
        bounding_box=place,
        anchor_point=one.point,
        # With an outline it is plain what is meant, and a line would cross the thrombus.
        anchor_point_visible=not one.outlines,
        tracking_id=tracking_id(finding),
        tracking_uid=finding.tracking_uid,
    )


def _notice(image: Dataset, synthetic: bool) -> Any:
    """Along the lower edge: a picture of it goes without its header."""
    from highdicom.pr import AnnotationUnitsValues, TextJustificationValues, TextObject

    kind = "synthetic phantom, " if synthetic else ""
    return TextObject(
        text_value=f"deepvein: {kind}research only",
        units=AnnotationUnitsValues.PIXEL,
        bounding_box=(
            0.02 * image.Columns, 0.95 * image.Rows, 0.6 * image.Columns, 0.99 * image.Rows
        ),
        text_justification=TextJustificationValues.LEFT,
    )  # fmt: skip


def _modality_lut(state: _State, modality: Modality) -> Any:
    """What turns stored values into those of the window; a presentation state has to say it again."""
    from highdicom import ModalityLUTTransformation, RescaleTypeValues

    slope, intercept = state.rescale
    unit = RescaleTypeValues.HU if modality is Modality.CT else RescaleTypeValues.US
    return ModalityLUTTransformation(
        rescale_intercept=intercept, rescale_slope=slope, rescale_type=unit
    )


def _window(state: _State, screening: Screening) -> Any:
    """The window of our own pictures, in the source's signal."""
    from highdicom.pr import SoftcopyVOILUTTransformation

    window: Window = window_for(screening.study.volume, screening.study.modality)
    gain = state.source.gain
    return SoftcopyVOILUTTransformation(
        # Lists of one: of a single window highdicom 0.28 writes the explanation letter by letter.
        window_center=[(window.low + window.high) / 2 / gain],
        window_width=[max((window.high - window.low) / gain, 1.0)],
        window_explanation=["veins"],
    )


def _polarity(source: SourceSeries) -> Any:
    """A presentation state overrides the photometric interpretation, so it says it again."""
    from highdicom import PresentationLUTShapeValues, PresentationLUTTransformation

    inverse = source.header.get("PhotometricInterpretation") == "MONOCHROME1"
    shape = PresentationLUTShapeValues.INVERSE if inverse else PresentationLUTShapeValues.IDENTITY
    return PresentationLUTTransformation(presentation_lut_shape=shape)


def _refer_to_frames(file: Dataset, frames: Iterable[SourceFrame]) -> None:
    """Name the true images and frames in place of their stand-ins."""
    from pydicom import Dataset

    by_uid = {_name_of(frame): frame for frame in frames}
    for annotation in file.GraphicAnnotationSequence:
        for item in annotation.ReferencedImageSequence:
            _name(item, [by_uid[item.ReferencedSOPInstanceUID]])
    series: dict[str, dict[str, list[SourceFrame]]] = {}
    for frame in by_uid.values():
        images = series.setdefault(frame.series_instance_uid, {})
        images.setdefault(frame.sop_instance_uid, []).append(frame)
    referenced = []
    for uid, images in series.items():
        referenced.append(Dataset())
        referenced[-1].SeriesInstanceUID = uid
        referenced[-1].ReferencedImageSequence = []
        for shown in images.values():
            item = Dataset()
            _name(item, shown)
            referenced[-1].ReferencedImageSequence.append(item)
    file.ReferencedSeriesSequence = referenced


def _name(item: Dataset, shown: list[SourceFrame]) -> None:
    """Let a reference name an image, or some frames of it."""
    item.ReferencedSOPClassUID = shown[0].sop_class_uid
    item.ReferencedSOPInstanceUID = shown[0].sop_instance_uid
    numbers = [frame.number for frame in shown if frame.number is not None]
    if numbers:
        item.ReferencedFrameNumber = numbers
