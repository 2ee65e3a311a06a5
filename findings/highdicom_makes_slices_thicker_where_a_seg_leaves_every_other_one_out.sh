#!/usr/bin/env bash
# A DICOM SEG may leave empty frames out, and need not say how far its slices lie apart. highdicom's get_volume
# then takes the smallest distance between the frames that are there for it, although their thickness is told:
# of marks on every other slice each comes to stand for two slices, the volume doubles, and nothing is said.
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
    d.ImageOrientationPatient, d.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2.0 * k]
    d.PixelSpacing, d.SliceThickness, d.Rows, d.Columns = [1, 1], 2, 16, 16
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.BitsAllocated = d.BitsStored = 16
    d.HighBit, d.PixelRepresentation = 15, 1
    d.PixelData = np.zeros((16, 16), np.int16).tobytes()
    return d

described = hd.seg.SegmentDescription(1, "thrombus", codes.SCT.Thrombus, codes.SCT.Thrombus, "MANUAL")
mask = np.zeros((10, 16, 16), np.uint8)
mask[2:8:2, 4:8, 4:8] = 1
seg = hd.seg.Segmentation([slice_at(k) for k in range(10)], mask, "BINARY", [described],
    hd.UID(), 1, hd.UID(), 1, "made", "made", "1", "1", omit_empty_frames=True)

def told(what):
    volume = hd.seg.Segmentation.from_dataset(seg, copy=True).get_volume(combine_segments=True)
    print(f"{what}: {volume.shape[0]} slices of {volume.spacing[0]:.0f} mm, "
          f"{(volume.array > 0).sum() * np.prod(volume.spacing):.0f} mm3 marked")
    return volume.spacing[0]

print("highdicom", hd.__version__, "- slices of 2 mm, marks on 3 of them with an empty one between each")
with_distance = told("with SpacingBetweenSlices")
for groups in (*seg.SharedFunctionalGroupsSequence, *seg.PerFrameFunctionalGroupsSequence):
    for measures in groups.get("PixelMeasuresSequence", ()):
        measures.pop("SpacingBetweenSlices", None)
without = told("without it, SliceThickness still 2 mm")
raise SystemExit(0 if (with_distance, without) == (2.0, 4.0) else "this has changed")
PY
env/bin/python try.py
