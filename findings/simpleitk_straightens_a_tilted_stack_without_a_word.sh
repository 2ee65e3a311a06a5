#!/usr/bin/env bash
# Slices of a CT taken with the gantry tilted lie one above another, not along their normal. SimpleITK's series
# reader puts each of them along the normal of the first, as a box has it, and says nothing: at 18.5 degrees a
# slice 60 mm higher comes to lie 19 mm beside where its header says.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import math, numpy as np, SimpleITK as sitk
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

tilt = math.radians(18.5)
for k in range(21):
    slice_at((0, 0, 3 * k), np.full((16, 16), 1024), k + 1, (1, 0, 0, 0, math.cos(tilt), math.sin(tilt))).save_as(
        f"{k:02d}.dcm", enforce_file_format=True)
image = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames("."))
placed = image.TransformIndexToPhysicalPoint((0, 0, 20))
print("SimpleITK", sitk.Version_VersionString(), "- warnings would stand above")
print("the last header says (0, 0, 60); SimpleITK places that slice at", [round(v, 1) for v in placed])
raise SystemExit(0 if 18 < math.dist(placed, (0, 0, 60)) < 20 else "this has changed")
PY
env/bin/python try.py
