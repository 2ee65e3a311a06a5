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
from deepvein.studies.dicom.frame import OF_SERIES, Frame, Instance, image_kind, padding
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.values import image_type, number, numbers, text

_OF_ALL = {
    "frame of reference": "FrameOfReferenceUID",
    "series number": "SeriesNumber",
    "description": "SeriesDescription",
    **OF_SERIES,
}
"""What tells images apart and stands once for all frames of an object."""

_CODED = {
    "ContrastBolusAgent": "ContrastBolusAgentSequence",
    "BodyPartExamined": "AnatomicRegionSequence",
}
"""Plain values and the sequences of codes that say the same."""


_WHEN = ("FrameAcquisitionDateTime", "FrameReferenceDateTime")
_VOLUMETRIC = ("VolumetricProperties", "VolumeBasedCalculationTechnique")
_SAYS_NOTHING = ("NONE", "MIXED", "VOLUME", "SAMPLED", "MPR")
"""Of their values (PS3.3 C.8.16.2.1): planes of the body, or nothing in particular."""

_BENT = "DISTORTED"
"""Curved reformats, if the images are derived; Siemens scanners (XA) call all images so that were not
corrected for the bent field of their gradients."""


def enhanced_frames(instance: Instance, dataset: Any, layout: PixelLayout) -> tuple[Frame, ...]:
    """One Frame for each item of the per-frame functional groups, in stored order.

    A value is taken from the frame's own group, else from the shared one. Orientation, pixel size and rescale
    that stand in neither, but as in a classic file, are those of all frames.
    """
    shared_items = dataset.get("SharedFunctionalGroupsSequence") or [None]
    shared = shared_items[0]
    whole = _Whole(
        instance=instance,
        shared=shared,
        top=dataset,
        layout=layout,
        image_type=image_type(dataset),
        component=image_type(dataset, "ComplexImageComponent"),
        volumetric={keyword: image_type(dataset, keyword) for keyword in _VOLUMETRIC},
        told=tuple((label, text(dataset, keyword)) for label, keyword in _OF_ALL.items()),
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
    top: Any
    layout: PixelLayout
    image_type: tuple[str, ...]
    component: tuple[str, ...]
    volumetric: dict[str, tuple[str, ...]]
    told: tuple[tuple[str, str], ...]
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
    measures = group("PixelMeasuresSequence") or whole.top
    values = group("PixelValueTransformationSequence") or whole.top
    types = group("CTImageFrameTypeSequence", "MRImageFrameTypeSequence")
    own_kind = image_type(types, "FrameType") or whole.image_type
    own_kind += image_type(types, "ComplexImageComponent") or whole.component
    silent = _SAYS_NOTHING if own_kind[:1] != ("ORIGINAL",) else (*_SAYS_NOTHING, _BENT)
    own_kind += tuple(
        value
        for keyword in _VOLUMETRIC
        for value in image_type(types, keyword) or whole.volumetric[keyword]
        if value not in silent
    )
    place, turn = group("PlanePositionSequence"), group("PlaneOrientationSequence") or whole.top
    faults = (
        whole.fault,
        fault(place, POSITION),
        fault(turn, ORIENTATION),
        fault(measures, MEASURES),
        fault(values, RESCALE),
    )
    offset = text(group("TemporalPositionSequence"), "TemporalPositionTimeOffset")
    heart = group("CardiacSynchronizationSequence")
    split = (
        *whole.told,
        image_kind(own_kind),
        ("full image type", "\\".join(own_kind)),
        ("kernel", text(group("CTReconstructionSequence"), "ConvolutionKernel")),
        ("echo", text(group("MREchoSequence"), "EffectiveEchoTime")),
        ("temporal position", text(content, "TemporalPositionIndex") or offset),
        ("diffusion weighting", text(group("MRDiffusionSequence"), "DiffusionBValue")),
        ("cardiac phase", text(heart, "NominalPercentageOfCardiacPhase")),
        ("tube voltage", text(group("CTXRayDetailsSequence"), "KVP")),
        ("stack", text(content, "StackID")),
        ("acquisition", text(content, "FrameAcquisitionNumber")),
        ("trigger time", text(heart, "NominalCardiacTriggerDelayTime")),
        ("slice thickness", text(measures, "SliceThickness")),
        ("acquisition time", _first(content, *_WHEN)),
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


def _first(group: Any, *keywords: str) -> str:
    return next((told for keyword in keywords if (told := text(group, keyword))), "")


def text_in_groups(dataset: Any, keyword: str) -> str:
    """A value of the first frame's functional groups, or of the coded sequence that stands for it.

    Enhanced files keep there what classic ones say at the top: kernel, tube voltage, echo time, body part,
    contrast agent. Empty where it is absent.
    """
    places = [
        dataset[name].value[0]
        for name in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence")
        if name in dataset and _is_filled(dataset[name])
    ]
    groups = [group.value[0] for place in places for group in place if _is_filled(group)]
    for group in groups:
        if told := text(group, keyword):
            return told
    sequence = _CODED.get(keyword, "")
    for source in (dataset, *groups):
        items = source.get(sequence) if sequence else None
        if items and (meaning := text(items[0], "CodeMeaning")):
            return meaning
    return ""


def _is_filled(group: Any) -> bool:
    return getattr(group, "VR", "") == "SQ" and bool(group.value)
