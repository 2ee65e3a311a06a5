"""The frames of an Enhanced multi-frame CT or MR object (PS3.3 C.7.6.16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepvein.studies.dicom.bounds import (
    IMAGE,
    MEASURES,
    ORIENTATION,
    POSITION,
    RESCALE,
    fault,
    kind_fault,
)
from deepvein.studies.dicom.header import Frame, Instance, padding
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.values import image_type, number, numbers, text


def enhanced_frames(instance: Instance, dataset: Any, layout: PixelLayout) -> tuple[Frame, ...]:
    """One Frame for each item of the per-frame functional groups, in stored order.

    A value is taken from the frame's own group, else from the shared one. Frames that the header
    describes but NumberOfFrames does not count, or the reverse, are left for the pixel reader to refuse.
    """
    shared_items = dataset.get("SharedFunctionalGroupsSequence") or [None]
    shared = shared_items[0]
    whole = _Whole(
        instance=instance,
        shared=shared,
        layout=layout,
        image_type=image_type(dataset),
        padding=padding(dataset),
        fault=fault(dataset, IMAGE) or kind_fault(dataset),
    )
    return tuple(
        _frame(whole, index, groups)
        for index, groups in enumerate(dataset.PerFrameFunctionalGroupsSequence)
    )


@dataclass(frozen=True)
class _Whole:
    """What all frames of an object have in common."""

    instance: Instance
    shared: Any
    layout: PixelLayout
    image_type: tuple[str, ...]
    padding: tuple[int, int] | None
    fault: str


def _frame(whole: _Whole, index: int, own: Any) -> Frame:
    def group(*names: str) -> Any:
        for name in names:
            for source in (own, whole.shared):
                items = source.get(name) if source is not None else None
                if items:
                    return items[0]
        return {}

    content = group("FrameContentSequence")
    measures = group("PixelMeasuresSequence")
    values = group("PixelValueTransformationSequence")
    types = group("CTImageFrameTypeSequence", "MRImageFrameTypeSequence")
    own_kind = image_type(types, "FrameType") or whole.image_type
    place, turn = group("PlanePositionSequence"), group("PlaneOrientationSequence")
    faults = (
        whole.fault,
        fault(place, POSITION),
        fault(turn, ORIENTATION),
        fault(measures, MEASURES),
        fault(values, RESCALE),
    )
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
        instance=whole.instance,
        index=index,
        position=numbers(place, "ImagePositionPatient", 3),
        orientation=numbers(turn, "ImageOrientationPatient", 6),
        spacing=numbers(measures, "PixelSpacing", 2),
        thickness=number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness"),
        slope=number(values, "RescaleSlope"),
        intercept=number(values, "RescaleIntercept"),
        image_type=own_kind,
        split=split,
        layout=whole.layout,
        rescale_type=text(values, "RescaleType").upper(),
        padding=whole.padding,
        fault=next((sentence for sentence in faults if sentence), ""),
    )
