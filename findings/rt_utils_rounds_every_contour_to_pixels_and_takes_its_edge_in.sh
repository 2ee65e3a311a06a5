#!/usr/bin/env bash
# Contours from planning systems run between pixels. rt-utils rounds their corners to pixels, and then takes in
# every pixel that the line touches: a square of 20 mm comes back as 441 pixels of 1 mm2 rather than 400. Thin
# veins grow most: 16 mm2 become 25.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check rt-utils==1.2.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, os
from importlib.metadata import version
from rt_utils import RTStructBuilder
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage

def slice_at(position, stored, uid, orientation=(1, 0, 0, 0, 1, 0)):
    d = Dataset()
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = CTImageStorage
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.10.1.{uid}"
    d.StudyInstanceUID, d.SeriesInstanceUID = "1.2.826.0.1.3680043.10.2", "1.2.826.0.1.3680043.10.3"
    d.FrameOfReferenceUID, d.Modality = "1.2.826.0.1.3680043.10.4", "CT"
    d.ImageType, d.PatientID, d.PatientName = ["ORIGINAL", "PRIMARY", "AXIAL"], "made", "Legs^Made"
    d.PatientBirthDate = d.PatientSex = d.StudyDate = d.StudyTime = d.AccessionNumber = d.StudyID = ""
    d.ReferringPhysicianName, d.PatientPosition, d.InstanceNumber = "", "HFS", uid
    d.ImageOrientationPatient, d.ImagePositionPatient = list(orientation), list(position)
    d.PixelSpacing, d.SliceThickness = [1, 1], 3
    d.Rows, d.Columns = stored.shape
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    d.RescaleSlope, d.RescaleIntercept = 1, -1024
    d.PixelData = stored.astype("<u2").tobytes()
    return d

def structure_set(images, kind, contours):
    """An RTSTRUCT of one structure with (slice, corners in mm) of each contour."""
    def item(**values):
        d = Dataset()
        for keyword, value in values.items():
            setattr(d, keyword, value)
        return d

    def reference(image):
        return item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)

    first = images[0]
    d = item(SOPClassUID=RTStructureSetStorage, SOPInstanceUID="1.2.826.0.1.3680043.10.6", Modality="RTSTRUCT",
        StudyInstanceUID=first.StudyInstanceUID, SeriesInstanceUID="1.2.826.0.1.3680043.10.7", Manufacturer="",
        FrameOfReferenceUID=first.FrameOfReferenceUID, PatientID="made", PatientName="Legs^Made",
        StructureSetLabel="made", StructureSetDate="20240101", StructureSetTime="120000",
        StructureSetROISequence=[item(ROINumber=1, ROIName="vein", ROIGenerationAlgorithm="MANUAL",
            ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID)],
        RTROIObservationsSequence=[item(ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="",
            ROIInterpreter="")])
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    listed = item(SeriesInstanceUID=first.SeriesInstanceUID, ContourImageSequence=[reference(i) for i in images])
    study = item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=[listed])
    d.ReferencedFrameOfReferenceSequence = [item(FrameOfReferenceUID=first.FrameOfReferenceUID,
        RTReferencedStudySequence=[study])]
    d.ROIContourSequence = [item(ReferencedROINumber=1, ROIDisplayColor=[255, 0, 0], ContourSequence=[
        item(ContourGeometricType=kind, NumberOfContourPoints=len(corners), ContourImageSequence=[reference(images[k])],
            ContourData=[v for x, y in corners for v in (x, y, 3.0 * k)]) for k, corners in contours])]
    return d

def square(low, high):
    return [(low, low), (high, low), (high, high), (low, high)]

os.makedirs("ct")
images = [slice_at((0, 0, 3 * k), np.full((40, 40), 1024), k + 1) for k in range(3)]
for k, image in enumerate(images):
    image.save_as(f"ct/{k}.dcm", enforce_file_format=True)
seen = {}
for low, high in ((4.5, 24.5), (4.5, 8.5)):
    structure_set(images, "CLOSED_PLANAR", [(1, square(low, high))]).save_as("vein.dcm", enforce_file_format=True)
    mask = RTStructBuilder.create_from(dicom_series_path="ct", rt_struct_path="vein.dcm").get_roi_mask_by_name("vein")
    seen[(high - low) ** 2] = int(mask.sum())
print("rt-utils", version("rt-utils"), "- pixels of 1 mm2, contours along their borders")
for area, pixels in seen.items():
    print(f"a contour around {area:g} mm2 holds {pixels} pixels")
raise SystemExit(0 if list(seen.values()) == [441, 25] else "this has changed")
PY
env/bin/python try.py
