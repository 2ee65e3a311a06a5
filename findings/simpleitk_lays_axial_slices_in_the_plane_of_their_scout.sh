#!/usr/bin/env bash
# Scanners may keep the scout in the series of its axial slices. If it sorts first, SimpleITK's series reader
# takes its plane for that of all: axial slices 3 mm apart come back as coronal ones 17 mm apart. The one warning
# is of uneven distances, and not of two orientations.
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

for k in range(6):
    slice_at((0, 0, 3 * k), np.full((16, 16), 1024), k + 2).save_as(f"{k}.dcm", enforce_file_format=True)
scout = slice_at((0, -100, 15), np.full((16, 16), 1024), 1, (1, 0, 0, 0, 0, -1))
scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
scout.save_as("scout.dcm", enforce_file_format=True)
image = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames("."))
normal = np.array(image.GetDirection()).reshape(3, 3)[:, 2]
print("SimpleITK", sitk.Version_VersionString())
print("six axial slices 3 mm apart and their scout:", image.GetSize()[2], "slices,", round(image.GetSpacing()[2], 1),
    "mm apart along", normal)
raise SystemExit(0 if abs(normal[1]) == 1 and image.GetSize()[2] == 7 else "this has changed")
PY
env/bin/python try.py
