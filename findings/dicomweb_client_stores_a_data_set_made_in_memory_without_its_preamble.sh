#!/usr/bin/env bash
# What is stored by STOW-RS is a file of PS3.10, which begins with a preamble of 128 bytes and DICM. dicomweb-
# client's store_instances sends a pydicom data set that was made in memory without both; of one that was read
# from a file they are there. Readers that look for DICM refuse the former.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check dicomweb-client==0.61.2 pydicom==3.0.2 numpy
cat > try.py <<'PY'
import http.server, numpy as np, pydicom, threading
from dicomweb_client import DICOMwebClient
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

parts = []

class Store(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts.append(body.split(bytes([13, 10, 13, 10]), 1)[1])
        self.send_response(200)
        self.send_header("Content-Type", "application/dicom+json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = DICOMwebClient(f"http://127.0.0.1:{server.server_port}")
made = slice_at((0, 0, 0), np.full((16, 16), 1024), 1)
client.store_instances([made])
made.save_as("ct.dcm", enforce_file_format=True)
client.store_instances([pydicom.dcmread("ct.dcm")])
server.shutdown()
seen = [part[128:132] == b"DICM" for part in parts]
print("dicomweb-client", version("dicomweb-client"), "pydicom", pydicom.__version__)
print("DICM after 128 bytes: made in memory", seen[0], "- read from a file", seen[1])
raise SystemExit(0 if seen == [False, True] else "this has changed")
PY
env/bin/python try.py
