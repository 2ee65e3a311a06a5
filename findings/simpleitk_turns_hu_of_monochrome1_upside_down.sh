#!/usr/bin/env bash
# MONOCHROME1 says how a CT is to be shown, lowest values white; what a value means is told by the rescale.
# SimpleITK inverts the values themselves, HU too: fat of -100 HU comes back as 2147 HU.
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

hu = {}
for photometric in ("MONOCHROME2", "MONOCHROME1"):
    d = slice_at((0, 0, 0), np.full((16, 16), 924), 1)
    d.PhotometricInterpretation = photometric
    d.save_as("ct.dcm", enforce_file_format=True)
    hu[photometric] = int(sitk.GetArrayFromImage(sitk.ReadImage("ct.dcm"))[0, 0, 0])
print("SimpleITK", sitk.Version_VersionString())
print("stored 924, intercept -1024, slope 1: HU", hu)
raise SystemExit(0 if hu == {"MONOCHROME2": -100, "MONOCHROME1": 2147} else "this has changed")
PY
env/bin/python try.py
