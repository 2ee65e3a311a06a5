#!/usr/bin/env bash
# QIDO-RS has ranges of dates, such as 20240101-20241231. dicomweb-client's DICOMfileClient, which answers the
# same calls from a folder, does not know them: it leaves the filter out with a line in the log, and the answer is
# every study there is.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check dicomweb-client==0.61.2 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import numpy as np, os
from dicomweb_client import DICOMfileClient
from importlib.metadata import version
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

os.makedirs("ct")
for k, date in enumerate(("20230105", "20240315", "20250101")):
    d = slice_at((0, 0, 0), np.full((16, 16), 1024), k + 1)
    d.StudyDate, d.StudyInstanceUID, d.SeriesInstanceUID = date, f"1.2.826.0.1.3680043.10.8.{k}", f"1.2.826.0.1.3680043.10.9.{k}"
    d.save_as(f"ct/{k}.dcm", enforce_file_format=True)
client = DICOMfileClient(f"file://{os.path.abspath('ct')}", in_memory=True, update_db=True)
seen = {}
for asked in ("20240315", "20240101-20241231", "20260101-"):
    seen[asked] = sorted(s["00080020"]["Value"][0] for s in client.search_for_studies(search_filters={"StudyDate": asked}))
print("dicomweb-client", version("dicomweb-client"))
for asked, found in seen.items():
    print(f"StudyDate {asked}: {found}")
raise SystemExit(0 if [len(v) for v in seen.values()] == [1, 3, 3] else "this has changed")
PY
env/bin/python try.py
