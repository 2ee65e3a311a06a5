#!/usr/bin/env bash
# PixelSpacing says first how far rows lie apart, then columns. rt-utils takes them the other way round (rt-utils
# #92): where pixels are not square, the contours of a mask lie elsewhere than the mask. Its own reader makes the
# same mistake, so that a round trip does not show it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check rt-utils==1.2.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, os, pydicom
from importlib.metadata import version
from rt_utils import RTStructBuilder
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

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

def series(folder, pixel_spacing):
    os.makedirs(folder)
    for k in range(3):
        d = slice_at((0, 0, 3 * k), np.full((40, 40), 1024), k + 1)
        d.PixelSpacing = pixel_spacing
        d.save_as(f"{folder}/{k}.dcm", enforce_file_format=True)

series("ct", [2, 1])  # rows 2 mm apart, columns 1 mm
mask = np.zeros((40, 40, 3), bool)
mask[5:10, 20:30, 1] = True  # rows 5 to 9, columns 20 to 29: x from 20 to 29 mm, y from 10 to 18 mm
structures = RTStructBuilder.create_new(dicom_series_path="ct")
structures.add_roi(mask=mask, name="vein")
structures.save("vein.dcm")
points = np.reshape(pydicom.dcmread("vein.dcm").ROIContourSequence[0].ContourSequence[0].ContourData, (-1, 3))
(x, y), (high_x, high_y) = points.min(0)[:2].tolist(), points.max(0)[:2].tolist()
again = RTStructBuilder.create_from(dicom_series_path="ct", rt_struct_path="vein.dcm").get_roi_mask_by_name("vein")
print("rt-utils", version("rt-utils"), "- marked are x from 20 to 29 mm and y from 10 to 18 mm")
print(f"the RTSTRUCT says x from {x:g} to {high_x:g} and y from {y:g} to {high_y:g};",
    "its own reader finds the same pixels:", bool((again == mask).all()))
raise SystemExit(0 if (x, high_x, y, high_y) == (40, 58, 5, 9) else "this has changed")
PY
env/bin/python try.py
