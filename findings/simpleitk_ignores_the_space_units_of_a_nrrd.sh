#!/usr/bin/env bash
# A NRRD says with `space units` in what its directions are given. SimpleITK takes the numbers for millimetres
# whatever the units are: a volume of 2 mm slices given in metres comes back with slices of 0.002 mm.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 pynrrd==1.1.3 numpy
cat > try.py <<'PY'
import nrrd, numpy as np, SimpleITK as sitk

nrrd.write("legs.nrrd", np.zeros((4, 5, 6), np.int16), {
    "space": "left-posterior-superior", "space units": ["m", "m", "m"],
    "space directions": np.diag([0.001, 0.001, 0.002]), "space origin": np.zeros(3)})
image = sitk.ReadImage("legs.nrrd")
print("SimpleITK", sitk.Version_VersionString(), "pynrrd", nrrd.__version__)
print("the file says", nrrd.read_header("legs.nrrd")["space units"], "and 0.002 along z; SimpleITK's spacing in mm is", image.GetSpacing())
raise SystemExit(0 if abs(image.GetSpacing()[2] - 0.002) < 1e-9 else "this has changed")
PY
env/bin/python try.py
