#!/usr/bin/env bash
# In place of slope and intercept an image may have a Modality LUT, which need not be a straight line. pydicom
# applies it; SimpleITK, which applies the rescale of any image, returns stored values there and says nothing.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, pydicom, SimpleITK as sitk
from pydicom.pixels import apply_modality_lut
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, CTImageStorage, ExplicitVRLittleEndian

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

d = slice_at((0, 0, 0), np.full((16, 16), 100), 1)
d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
d.Modality, d.BodyPartExamined, d.ViewPosition = "CR", "LEG", "AP"
for keyword in ("RescaleSlope", "RescaleIntercept", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
    delattr(d, keyword)
table = Dataset()
table.LUTDescriptor, table.ModalityLUTType = [4096, 0, 16], "OD"
table.add_new("LUTData", "OW", (np.arange(4096) ** 2 // 256).astype("<u2").tobytes())
d.ModalityLUTSequence = [table]
d.save_as("cr.dcm", enforce_file_format=True)
ours = pydicom.dcmread("cr.dcm")
right = int(apply_modality_lut(ours.pixel_array, ours)[0, 0])
theirs = int(sitk.GetArrayFromImage(sitk.ReadImage("cr.dcm")).ravel()[0])
print("SimpleITK", sitk.Version_VersionString(), "pydicom", pydicom.__version__)
print("a stored 100 whose table says 39: pydicom", right, "SimpleITK", theirs)
raise SystemExit(0 if (right, theirs) == (39, 100) else "this has changed")
PY
env/bin/python try.py
