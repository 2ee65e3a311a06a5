#!/usr/bin/env bash
# The values of a FRACTIONAL SEG are shares of MaximumFractionalValue. dcmqi's segimage2itkimage writes them as if
# they were labels: of the only segment, number 1, a quarter becomes label 50 and the whole label 200, and no
# voxel has 1.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check dcmqi==1.5.7 highdicom==0.28.2 pydicom==3.0.2 SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import highdicom as hd, numpy as np, SimpleITK as sitk, subprocess
from importlib.metadata import version
from pydicom.sr.codedict import codes
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

shares = np.zeros((3, 16, 16, 1), np.float32)
shares[1, 2:8, 2:8] = 0.25
shares[1, 4:6, 4:6] = 1
about = hd.seg.SegmentDescription(1, "thrombus", codes.SCT.Thrombus, codes.SCT.Thrombus, "MANUAL")
hd.seg.Segmentation([slice_at((0, 0, 3 * k), np.full((16, 16), 1024), k + 1) for k in range(3)], shares, "FRACTIONAL",
    [about], hd.UID(), 1, hd.UID(), 1, "made", "made", "1", "1", max_fractional_value=200).save_as("seg.dcm")
read = np.unique(hd.seg.segread("seg.dcm").get_volume().array).tolist()
subprocess.run(["env/bin/segimage2itkimage", "--inputDICOM", "seg.dcm", "--outputDirectory", ".", "--outputType", "nrrd"],
    check=True, capture_output=True)
labels = np.unique(sitk.GetArrayFromImage(sitk.ReadImage("1.nrrd"))).tolist()
print("dcmqi", version("dcmqi"), "highdicom", hd.__version__)
print("shares of segment 1: highdicom", read, "- labels that dcmqi makes of them:", labels)
raise SystemExit(0 if labels == [0, 50, 200] else "this has changed")
PY
env/bin/python try.py
