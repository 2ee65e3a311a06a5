#!/usr/bin/env bash
# antspyx's dicom_read puts the slices of a folder upon each other as the file system lists them, neither by
# position nor by number (ANTsPy #183), and takes the distance of slices from the first file read, which does not
# hold it: 1 mm for any CT without SpacingBetweenSlices. A leg of 300 slices of 3 mm is 30 cm long.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check antspyx==0.6.3 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import ants, numpy as np, os
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

os.makedirs("ct")
for k in range(24):
    slice_at((0, 0, 3 * k), np.full((16, 16), 1024 + k), k + 1).save_as(f"ct/{k:02d}.dcm", enforce_file_format=True)
image = ants.dicom_read("ct")
listed = [int(name[:2]) for name in os.listdir("ct")]
stacked = image.numpy()[0, 0].astype(int).tolist()
print("antspyx", ants.__version__, "- 24 slices 3 mm apart, HU 0 to 23 upwards")
print("order of the slices read:", stacked)
print("distance between them:", image.spacing[2], "mm")
raise SystemExit(0 if stacked == listed and image.spacing[2] == 1 else "this has changed")
PY
env/bin/python try.py
