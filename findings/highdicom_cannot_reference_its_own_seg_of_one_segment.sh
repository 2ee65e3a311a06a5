#!/usr/bin/env bash
# highdicom writes the identification of a SEG's only segment into the shared functional groups, as the
# standard allows; its own ReferencedSegment.from_segmentation, which an SR needs, looks in each frame alone.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check highdicom==0.28.2 pydicom==3.0.2
cat > try.py <<'PY'
import highdicom as hd, numpy as np
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

def described(number):
    return hd.seg.SegmentDescription(number, f"thrombus {number}", codes.SCT.Thrombus, codes.SCT.Thrombus,
        "AUTOMATIC", hd.AlgorithmIdentificationSequence("made", codes.DCM.ArtificialIntelligence, "1"))

def made(count):
    mask = np.zeros((6, 16, 16, count), np.uint8)
    for k in range(count):
        mask[1 + k : 4, 4 * k : 4 * k + 3, 4:8, k] = 1
    return hd.seg.Segmentation([slice_at(k) for k in range(6)], mask, "BINARY",
        [described(k + 1) for k in range(count)], hd.UID(), 1, hd.UID(), 1, "made", "made", "1", "1")

print("highdicom", hd.__version__)
hd.sr.ReferencedSegment.from_segmentation(made(2), segment_number=1)
print("a SEG of two segments can be referenced")
try:
    hd.sr.ReferencedSegment.from_segmentation(made(1), segment_number=1)
except AttributeError as error:
    print("a SEG of one segment cannot:", error)
else:
    raise SystemExit("this has changed")
PY
env/bin/python try.py
