#!/usr/bin/env bash
# A DICOM SEG may leave empty frames out. SimpleITK then places the frames that are there at even distances of
# 1 mm, or of whatever its header says, and not where their positions say: a mark 60 mm higher moves down.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check highdicom==0.28.2 pydicom==3.0.2 SimpleITK==2.5.7
cat > try.py <<'PY'
import highdicom as hd, numpy as np, pydicom, SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

def slice_at(k):
    d = Dataset()
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.SOPClassUID, d.SOPInstanceUID = CTImageStorage, f"1.2.826.0.1.3680043.10.1.{k + 1}"
    d.StudyInstanceUID, d.SeriesInstanceUID = "1.2.826.0.1.3680043.10.2", "1.2.826.0.1.3680043.10.3"
    d.FrameOfReferenceUID, d.Modality = "1.2.826.0.1.3680043.10.4", "CT"
    d.PatientID, d.PatientName = "made", "Legs^Made"
    d.PatientBirthDate = d.PatientSex = d.StudyDate = d.StudyTime = d.AccessionNumber = d.StudyID = ""
    d.ReferringPhysicianName, d.InstanceNumber = "", k + 1
    d.ImageOrientationPatient, d.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 3.0 * k]
    d.PixelSpacing, d.SliceThickness, d.Rows, d.Columns = [1, 1], 3, 16, 16
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated = d.BitsStored = 16
    d.HighBit, d.PixelRepresentation = 15, 1
    d.PixelData = np.zeros((16, 16), np.int16).tobytes()
    return d

mask = np.zeros((30, 16, 16), np.uint8)
mask[[2, 3, 22, 23], 4:8, 4:8] = 1  # marks at 6, 9 and at 66, 69 mm
about = hd.seg.SegmentDescription(1, "thrombus", codes.SCT.Thrombus, codes.SCT.Thrombus,
    "AUTOMATIC", hd.AlgorithmIdentificationSequence("made", codes.DCM.ArtificialIntelligence, "1"))
hd.seg.Segmentation([slice_at(k) for k in range(30)], mask, "BINARY", [about], hd.UID(), 1, hd.UID(), 1,
    "made", "made", "1", "1", omit_empty_frames=True).save_as("seg.dcm")
said = [float(f.PlanePositionSequence[0].ImagePositionPatient[2])
        for f in pydicom.dcmread("seg.dcm").PerFrameFunctionalGroupsSequence]
image = sitk.ReadImage("seg.dcm")
placed = [image.TransformIndexToPhysicalPoint((0, 0, k))[2] for k in range(image.GetSize()[2])]
print("SimpleITK", sitk.Version_VersionString(), "highdicom", hd.__version__)
print("the frames say z =", said, "mm; SimpleITK places them at", placed)
raise SystemExit(0 if sorted(said) == [6, 9, 66, 69] and max(placed) - min(placed) < 10 else "this has changed")
PY
env/bin/python try.py
