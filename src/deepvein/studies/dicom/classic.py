"""The frame of a classic file, which holds one slice and says all of it at the top of its header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.studies.dicom.bounds import CLASSIC, fault, kind_fault
from deepvein.studies.dicom.frame import OF_SERIES, Frame, Instance, image_kind, padding
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.values import image_type, number, numbers, text

if TYPE_CHECKING:
    from pydicom import Dataset

TOLD_APART = {
    "frame of reference": "FrameOfReferenceUID",
    "full image type": "ImageType",
    "kernel": "ConvolutionKernel",
    "echo": "EchoNumbers",
    "echo time": "EchoTime",
    "temporal position": "TemporalPositionIdentifier",
    "diffusion weighting": "DiffusionBValue",
    "cardiac phase": "NominalPercentageOfCardiacPhase",
    "contrast agent": "ContrastBolusAgent",
    "tube voltage": "KVP",
    "series number": "SeriesNumber",
    "description": "SeriesDescription",
    "protocol": "ProtocolName",
    "comments": "ImageComments",
    "acquisition": "AcquisitionNumber",
    "trigger time": "TriggerTime",
    "series time": "SeriesTime",
    "contrast start": "ContrastBolusStartTime",
    "filter": "FilterType",
    "field of view": "ReconstructionDiameter",
    "table height": "TableHeight",
    "patient position": "PatientPosition",
    "flip angle": "FlipAngle",
    "inversion time": "InversionTime",
    "repetition time": "RepetitionTime",
    "slice thickness": "SliceThickness",
    "acquisition date": "AcquisitionDate",
    "acquisition date and time": "AcquisitionDateTime",
    "acquisition time": "AcquisitionTime",
    "content time": "ContentTime",
    **OF_SERIES,
}
"""What may tell apart two images of one series, by the words for it; see `parting`."""


def classic_frame(instance: Instance, dataset: Dataset, layout: PixelLayout) -> Frame:
    """The frame of a file without functional groups; what its header does not say is None or empty."""
    return Frame(
        instance=instance,
        index=0,
        position=numbers(dataset, "ImagePositionPatient", 3),
        orientation=numbers(dataset, "ImageOrientationPatient", 6),
        spacing=numbers(dataset, "PixelSpacing", 2),
        thickness=number(dataset, "SpacingBetweenSlices") or number(dataset, "SliceThickness"),
        slope=number(dataset, "RescaleSlope"),
        intercept=number(dataset, "RescaleIntercept"),
        image_type=image_type(dataset),
        split=(
            image_kind(image_type(dataset)),
            *((label, text(dataset, keyword)) for label, keyword in TOLD_APART.items()),
        ),
        layout=layout,
        rescale_type=text(dataset, "RescaleType").upper(),
        padding=padding(dataset),
        fault=fault(dataset, CLASSIC) or kind_fault(dataset),
    )
