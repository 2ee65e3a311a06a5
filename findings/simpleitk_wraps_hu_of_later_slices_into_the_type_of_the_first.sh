#!/usr/bin/env bash
# Slices of one series may be rescaled differently. SimpleITK's series reader takes the pixel type from the first
# slice alone: if that has no negative values to expect, -100 HU of the next one becomes 65436, and halves of a
# slope of 1.5 are cut off (SimpleITK #1636 has the latter).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk
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

for k, (stored, intercept) in enumerate([(50, 0), (924, -1024), (924, -1024)]):
    d = slice_at((0, 0, 3 * k), np.full((16, 16), stored), k + 1)
    d.RescaleIntercept = intercept
    d.save_as(f"{k}.dcm", enforce_file_format=True)
image = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames("."))
hu = sitk.GetArrayFromImage(image)[:, 0, 0].tolist()
print("SimpleITK", sitk.Version_VersionString(), "-", image.GetPixelIDTypeAsString())
print("slices of 50, -100 and -100 HU are read as", hu)
raise SystemExit(0 if hu == [50, 65436, 65436] else "this has changed")
PY
env/bin/python try.py
