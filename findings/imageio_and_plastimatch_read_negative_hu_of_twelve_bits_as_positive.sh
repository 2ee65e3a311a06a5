#!/usr/bin/env bash
# The sign of a stored value is its High Bit: in a signed CT of 12 bits, bit 11; what stands above does not count.
# imageio and plastimatch take all 16 bits for the value, where the sign is not spread over the spare ones: -800
# HU becomes 3296. pydicom and SimpleITK read it rightly.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check imageio==2.38.1 plastimatch==1.10.0 pydicom==3.0.2 SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import imageio, imageio.v2 as iio, numpy as np, os, plastimatch, SimpleITK as sitk, subprocess
from pydicom import dcmread
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
for k in range(5):
    d = slice_at((0, 0, 3 * k), np.full((16, 16), -800 & 0xFFF), k + 1)
    d.PixelRepresentation, d.RescaleIntercept = 1, 0
    d.save_as(f"ct/{k}.dcm", enforce_file_format=True)
subprocess.run(["env/bin/plastimatch", "convert", "--input", "ct", "--output-img", "ct.mha"],
    check=True, stdout=subprocess.DEVNULL)
seen = {
    "pydicom": int(dcmread("ct/0.dcm").pixel_array[0, 0]),
    "SimpleITK": int(sitk.GetArrayFromImage(sitk.ReadImage("ct/0.dcm"))[0, 0, 0]),
    "imageio": int(iio.volread("ct", "DICOM", progress=False)[0, 0, 0]),
    "plastimatch": int(sitk.GetArrayFromImage(sitk.ReadImage("ct.mha"))[0, 0, 0]),
}
print("imageio", imageio.__version__, "plastimatch 1.10.0; -800 HU is read as", seen)
raise SystemExit(0 if list(seen.values()) == [-800, -800, 3296, 3296] else "this has changed")
PY
env/bin/python try.py
