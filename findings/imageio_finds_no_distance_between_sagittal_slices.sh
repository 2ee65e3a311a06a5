#!/usr/bin/env bash
# imageio's volread of a DICOM series offers the distances of its voxels as `sampling`. That of the slices it
# takes from their z alone: right for axial slices, 0 mm for sagittal and coronal ones, and too small for all that
# are oblique.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check imageio==2.38.1 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import imageio, imageio.v2 as iio, math, numpy as np, os
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

def sampling(name, orientation):
    os.makedirs(name)
    normal = np.cross(orientation[:3], orientation[3:])
    for k in range(6):
        position = [round(float(v), 6) for v in 3 * k * normal]
        slice_at(position, np.full((16, 20), 1024 + k), k + 1, orientation).save_as(
            f"{name}/{k}.dcm", enforce_file_format=True)
    return iio.volread(name, "DICOM", progress=False).meta["sampling"]

print("imageio", imageio.__version__, "- slices 3 mm apart along their normal")
tilt = math.radians(30)
seen = [float(sampling("axial", (1, 0, 0, 0, 1, 0))[0]), float(sampling("sagittal", (0, 1, 0, 0, 0, -1))[0]),
    round(float(sampling("oblique", (1, 0, 0, 0, round(math.cos(tilt), 6), 0.5))[0]), 2)]
print("distance said of axial slices", seen[0], "of sagittal", seen[1], "of slices turned by 30 degrees", seen[2])
raise SystemExit(0 if seen == [3, 0, 2.6] else "this has changed")
PY
env/bin/python try.py
