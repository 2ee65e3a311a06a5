#!/usr/bin/env bash
# The rescale of an Enhanced CT may stand once for all frames, in the shared functional groups. dicom2nifti looks
# for it at the top of the file, where an Enhanced CT has none, and writes stored values: water comes out at 1024
# HU without a word.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check dicom2nifti==2.6.2 pydicom==3.0.2 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import dicom2nifti, nibabel as nib, numpy as np, os
from importlib.metadata import version
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
frames = [np.full((16, 20), 1024)] * 6
enhanced(frames, [3 * k for k in range(6)], [-1024]).save_as("ct/ct.dcm", enforce_file_format=True)
dicom2nifti.dicom_series_to_nifti("ct", "ct.nii", reorient_nifti=False)
values = np.unique(nib.load("ct.nii").get_fdata()).tolist()
print("dicom2nifti", version("dicom2nifti"), "- water, stored as 1024 with an intercept of -1024, becomes", values)
raise SystemExit(0 if values == [1024] else "this has changed")
PY
env/bin/python try.py
