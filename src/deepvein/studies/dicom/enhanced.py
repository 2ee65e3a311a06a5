"""The frames of an Enhanced multi-frame CT or MR object (PS3.3 C.7.6.16)."""

from __future__ import annotations

from typing import Any

from deepvein.studies.dicom.header import Frame, Instance
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.values import image_type, number, numbers, text


def enhanced_frames(instance: Instance, dataset: Any, layout: PixelLayout) -> tuple[Frame, ...]:
    """One Frame for each item of the per-frame functional groups, in stored order.

    A value is taken from the frame's own group, else from the shared one. Frames that the header
    describes but NumberOfFrames does not count, or the reverse, are left for the pixel reader to refuse.
    """
    shared_items = dataset.get("SharedFunctionalGroupsSequence") or [None]
    shared = shared_items[0]
    return tuple(
        _frame(instance, index, groups, shared, layout, image_type(dataset))
        for index, groups in enumerate(dataset.PerFrameFunctionalGroupsSequence)
    )


def _frame(
    instance: Instance,
    index: int,
    own: Any,
    shared: Any,
    layout: PixelLayout,
    kind: tuple[str, ...],
) -> Frame:
    def group(*names: str) -> Any:
        for name in names:
            for source in (own, shared):
                items = source.get(name) if source is not None else None
                if items:
                    return items[0]
        return {}

    content = group("FrameContentSequence")
    measures = group("PixelMeasuresSequence")
    values = group("PixelValueTransformationSequence")
    types = group("CTImageFrameTypeSequence", "MRImageFrameTypeSequence")
    own_kind = image_type(types, "FrameType") or kind
    split = (
        ("image type", "\\".join(own_kind)),
        ("echo", text(group("MREchoSequence"), "EffectiveEchoTime")),
        ("temporal position", text(content, "TemporalPositionIndex")),
        ("diffusion weighting", text(group("MRDiffusionSequence"), "DiffusionBValue")),
        ("acquisition", text(content, "FrameAcquisitionNumber")),
        ("stack", text(content, "StackID")),
        ("acquisition time", text(content, "FrameAcquisitionDateTime")),
    )
    return Frame(
        instance=instance,
        index=index,
        position=numbers(group("PlanePositionSequence"), "ImagePositionPatient", 3),
        orientation=numbers(group("PlaneOrientationSequence"), "ImageOrientationPatient", 6),
        spacing=numbers(measures, "PixelSpacing", 2),
        thickness=number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness"),
        slope=number(values, "RescaleSlope"),
        intercept=number(values, "RescaleIntercept"),
        image_type=own_kind,
        split=split,
        layout=layout,
    )
