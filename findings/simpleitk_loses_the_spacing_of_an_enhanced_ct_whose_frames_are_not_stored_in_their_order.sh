#!/usr/bin/env bash
# Frames of an Enhanced CT may be stored in any order: position and dimension index say where each belongs.
# SimpleITK keeps the order of the file, and where that is not the spatial one it gives pixels and slices 1 mm,
# whatever the pixel measures say: neither lengths nor places are right, and nothing is said.
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

def read(order):
    frames = [np.full((16, 20), 1024 + 100 * k) for k in order]
    enhanced(frames, [3 * k for k in order], [-1024]).save_as("ct.dcm", enforce_file_format=True)
    image = sitk.ReadImage("ct.dcm")
    return image.GetSpacing(), sitk.GetArrayFromImage(image)[:, 0, 0].tolist()

print("SimpleITK", sitk.Version_VersionString(), "- pixels of 1 x 2 mm, slices 3 mm apart, HU 0 to 500 upwards")
print("stored in their order: spacing and HU", read([0, 1, 2, 3, 4, 5]))
spacing, hu = read([3, 0, 5, 1, 4, 2])
print("stored in another:     spacing and HU", (spacing, hu))
raise SystemExit(0 if spacing == (1, 1, 1) and hu == [300, 0, 500, 100, 400, 200] else "this has changed")
PY
env/bin/python try.py
