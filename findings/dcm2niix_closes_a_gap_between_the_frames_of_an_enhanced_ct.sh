#!/usr/bin/env bash
# Frames of an Enhanced CT say where they lie, and need not lie at even distances. dcm2niix, which warns of a
# missing slice and evens the volume where each slice is a file, puts the frames one beside another without a
# word: what lies above the gap moves down by it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check dcm2niix==1.0.20260724 pydicom==3.0.2 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import nibabel as nib, numpy as np, os, subprocess
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedCTImageStorage, ExplicitVRLittleEndian

def item(**values):
    d = Dataset()
    for keyword, value in values.items():
        setattr(d, keyword, value)
    return d

def enhanced(frames, heights, rescales, phases=None, pixel_spacing=(2, 1)):
    """An Enhanced CT; `rescales` holds one intercept for all frames or one for each."""
    phases = phases or [1] * len(heights)
    d = item(SOPClassUID=EnhancedCTImageStorage, SOPInstanceUID="1.2.826.0.1.3680043.10.1",
        StudyInstanceUID="1.2.826.0.1.3680043.10.2", SeriesInstanceUID="1.2.826.0.1.3680043.10.3",
        FrameOfReferenceUID="1.2.826.0.1.3680043.10.4", Modality="CT", PatientID="made", PatientName="Legs^Made",
        PatientPosition="HFS", ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], NumberOfFrames=len(frames), InstanceNumber=1,
        Rows=frames[0].shape[0], Columns=frames[0].shape[1], SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=16, BitsStored=12, HighBit=11, PixelRepresentation=0)
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    value = [[item(RescaleSlope=1, RescaleIntercept=b, RescaleType="HU")] for b in rescales]
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=list(pixel_spacing), SliceThickness=3, SpacingBetweenSlices=3)],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
    if len(value) == 1:
        shared.PixelValueTransformationSequence = value[0]
    d.SharedFunctionalGroupsSequence, d.PerFrameFunctionalGroupsSequence = [shared], []
    for k, (z, phase) in enumerate(zip(heights, phases)):
        place = 1 + sorted(set(heights)).index(z)
        frame = item(PlanePositionSequence=[item(ImagePositionPatient=[10, 20, z])],
            FrameContentSequence=[item(StackID="1", InStackPositionNumber=place, TemporalPositionIndex=phase,
                DimensionIndexValues=[phase, place])])
        if len(value) > 1:
            frame.PixelValueTransformationSequence = value[k]
        d.PerFrameFunctionalGroupsSequence.append(frame)
    d.DimensionOrganizationSequence = [item(DimensionOrganizationUID="1.2.826.0.1.3680043.10.5")]
    d.DimensionIndexSequence = [item(DimensionIndexPointer=pointer, FunctionalGroupPointer=0x00209111,
        DimensionOrganizationUID="1.2.826.0.1.3680043.10.5") for pointer in (0x00209128, 0x00209057)]
    d.PixelData = np.stack(frames).astype("<u2").tobytes()
    return d

os.makedirs("ct")
said = [0, 3, 6, 60, 63, 66]
enhanced([np.full((16, 20), 1024 + z) for z in said], said, [-1024]).save_as("ct/ct.dcm", enforce_file_format=True)
ran = subprocess.run(["env/bin/dcm2niix", "-f", "ct", "-o", ".", "ct"], check=True, capture_output=True, text=True)
image = nib.load("ct.nii")
placed = [float((image.affine @ [0, 0, k, 1])[2]) for k in range(image.shape[2])]
print(ran.stdout.splitlines()[0])
print("warnings:", [line for line in ran.stdout.splitlines() if "Warning" in line and "manufacturer" not in line])
print("frames of HU and height in mm", said, "are placed at", placed, "with HU", image.get_fdata()[0, 0].tolist())
raise SystemExit(0 if placed == [0, 3, 6, 9, 12, 15] else "this has changed")
PY
env/bin/python try.py
