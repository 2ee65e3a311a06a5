#!/usr/bin/env bash
# rt-utils draws the contour of a mask through pixel centres and not around the pixels. What a planning system
# measures is smaller by half a pixel all around: of a vein 5 pixels wide 16 of 25 pixel areas are left, and one
# pixel becomes a closed contour of a single point, which holds nothing.
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

def written(width):
    mask = np.zeros((40, 40, 3), bool)
    mask[10 : 10 + width, 10 : 10 + width, 1] = True
    structures = RTStructBuilder.create_new(dicom_series_path="ct")
    structures.add_roi(mask=mask, name="vein")
    structures.save(f"{width}.dcm")
    contour = pydicom.dcmread(f"{width}.dcm").ROIContourSequence[0].ContourSequence[0]
    x, y = np.reshape(contour.ContourData, (-1, 3)).T[:2]
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    return contour.ContourGeometricType, len(x), float(area)

series("ct", [1, 1])
print("rt-utils", version("rt-utils"), "- pixels of 1 mm2")
seen = {width * width: written(width) for width in (10, 5, 1)}
for area, (kind, points, drawn) in seen.items():
    print(f"{area} mm2 are drawn as {kind} of {points} points and {drawn:g} mm2")
raise SystemExit(0 if [v[2] for v in seen.values()] == [81, 16, 0] and seen[1][1] == 1 else "this has changed")
PY
env/bin/python try.py
