#!/usr/bin/env bash
# pynetdicom sends an image and waits for the answer. Its own thread, which looks for what the peer asks, is
# halted for that time; where it was past the halt already, it takes the answer for a question and throws it
# away ("Received unexpected C-STORE service message"). Who sent waits for the time-out and gets no status,
# although the image was stored. Several senders in one process and a peer that answers soon are enough;
# here another thread of the same process computes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check pynetdicom==3.0.4 pydicom==3.0.2
cat > archive.py <<'PY'
"""Answers each image with success, and tells how many it has answered when its input ends."""
import sys
from pynetdicom import AE, evt

answered = 0

def stored(event):
    global answered
    answered += 1
    return 0x0000

entity = AE()
entity.add_supported_context("1.2.840.10008.5.1.4.1.1.2")
server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, stored)])
print(server.server_address[1], flush=True)
sys.stdin.read()
print(answered, flush=True)
server.shutdown()
PY
cat > try.py <<'PY'
import subprocess, sys, threading
import pynetdicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pynetdicom import AE

archive = subprocess.Popen([sys.executable, "archive.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
port = int(archive.stdout.readline())
CT = "1.2.840.10008.5.1.4.1.1.2"
sent, statuses = [0], []

def image(number):
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    made.SOPClassUID, made.SOPInstanceUID, made.StudyInstanceUID = CT, f"1.2.3.{number}", "1.2.3"
    return made

def send(first):
    entity = AE()
    entity.dimse_timeout = 5
    entity.add_requested_context(CT, "1.2.840.10008.1.2")
    association = entity.associate("127.0.0.1", port)
    for number in range(first, first + 50):
        if not association.is_established:
            return
        sent[0] += 1
        statuses.append(association.send_c_store(image(number)).get("Status"))
    association.release()

def compute():
    while True:
        sum(range(1000))

print("pynetdicom", pynetdicom.__version__)
threading.Thread(target=compute, daemon=True).start()
for turn in range(20):
    senders = [threading.Thread(target=send, args=(1000 * turn + 100 * one,)) for one in range(8)]
    [one.start() for one in senders]
    [one.join() for one in senders]
    if None in statuses:
        break
archive.stdin.close()
answered = int(archive.stdout.readline())
print(sent[0], "images were sent,", answered, "were answered with success;",
      statuses.count(0), "senders heard so,", statuses.count(None), "got no answer")
if None not in statuses or answered != sent[0]:
    raise SystemExit("this has changed")
PY
env/bin/python try.py
