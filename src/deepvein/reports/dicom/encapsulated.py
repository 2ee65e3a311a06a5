"""The printed report as a DICOM object (Encapsulated PDF, PS3.3 A.45.1), for archives that show no other."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from deepvein._version import __version__
from deepvein.findings.screening import Screening
from deepvein.reports.dicom import identity
from deepvein.reports.dicom.context import UTF_8, StudyContext
from deepvein.reports.dicom.series import instances, series_number

if TYPE_CHECKING:
    from pydicom import Dataset

_TITLE = ("126000", "DCM", "Imaging Measurement Report")
"""As the SR calls itself: what it holds, and no radiologist's report."""


def encapsulated(pdf: bytes, title: str, screening: Screening, context: StudyContext) -> Dataset:
    """The data set that carries a PDF in its study; it names the images from which the PDF was made.

    highdicom knows no encapsulated documents, so its modules are written here: PS3.3 C.24.1 and C.24.2,
    C.8.6.1, C.7.5.1.
    """
    from highdicom.sr import CodedConcept
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

    made = identity.when(screening)
    synthetic = "synthetic phantom - " if screening.study.synthetic else ""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    context.enter(file)
    file.SpecificCharacterSet = UTF_8
    file.SOPClassUID = EncapsulatedPDFStorage
    file.SOPInstanceUID = identity.result_uid(screening, "instance", "pdf")
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    file.Modality = "DOC"
    file.SeriesInstanceUID = identity.result_uid(screening, "series", "pdf")
    file.SeriesNumber = series_number(screening.study.origin.sources[0], 80)
    file.SeriesDescription = f"deepvein report (PDF) - {synthetic}research only"
    file.Manufacturer, file.ManufacturerModelName = "deepvein", "deepvein"
    file.SoftwareVersions = __version__
    file.DeviceSerialNumber = identity.serial_number(screening)
    file.ConversionType = "WSD"
    file.InstanceNumber = 1
    file.ContentDate, file.ContentTime = f"{made:%Y%m%d}", f"{made:%H%M%S}"
    file.AcquisitionDateTime = None
    # The patient's name stands in the pages.
    file.BurnedInAnnotation = "YES"
    file.VerificationFlag = "UNVERIFIED"
    file.DocumentTitle = title
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.ConceptNameCodeSequence = [CodedConcept(*_TITLE)]
        file.SourceInstanceSequence = _images(screening, context)
        file.ContributingEquipmentSequence = [identity.equipment(screening)]
    file.MIMETypeOfEncapsulatedDocument = "application/pdf"
    file.EncapsulatedDocumentLength = len(pdf)
    file.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    identity.fix(file, screening, "pdf")
    return file


def _images(screening: Screening, context: StudyContext) -> list[Dataset]:
    from pydicom import Dataset

    items = []
    for source in screening.study.origin.sources:
        for image in instances(source, context):
            item = Dataset()
            item.ReferencedSOPClassUID = image.SOPClassUID
            item.ReferencedSOPInstanceUID = image.SOPInstanceUID
            items.append(item)
    return items
