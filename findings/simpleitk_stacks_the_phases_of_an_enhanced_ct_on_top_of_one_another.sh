#!/usr/bin/env bash
# An Enhanced CT may hold several phases of one place, such as before and after contrast. SimpleITK puts the
# second phase above the first, as if the patient were twice as long: veins of the second phase come to lie where
# there was no scan.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk
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

frames = [np.full((16, 20), 1024 + value) for value in (40, 150) for _ in range(6)]
said = [3 * k for k in range(6)] * 2
enhanced(frames, said, [-1024], [1] * 6 + [2] * 6).save_as("ct.dcm", enforce_file_format=True)
image = sitk.ReadImage("ct.dcm")
hu = sitk.GetArrayFromImage(image)[:, 0, 0]
placed = [image.TransformIndexToPhysicalPoint((0, 0, k))[2] for k in range(image.GetSize()[2])]
print("SimpleITK", sitk.Version_VersionString())
print("the frames of the second phase (150 HU) say z =", said[6:], "mm")
print("SimpleITK places 150 HU at z =", [z for z, value in zip(placed, hu) if value == 150], "mm")
raise SystemExit(0 if placed == [3 * k for k in range(12)] else "this has changed")
PY
env/bin/python try.py
