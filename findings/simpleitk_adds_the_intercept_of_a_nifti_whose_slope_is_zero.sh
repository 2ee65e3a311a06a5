#!/usr/bin/env bash
# A NIfTI whose scl_slope is 0 is not scaled: slope and intercept both do not count. SimpleITK takes the slope for
# 1 and still adds the intercept, so that the same file holds other HU there than in nibabel.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import struct, nibabel as nib, numpy as np, SimpleITK as sitk

nib.save(nib.Nifti1Image(np.full((4, 4, 4), 60, np.int16), np.eye(4)), "ct.nii")
raw = bytearray(open("ct.nii", "rb").read())
struct.pack_into("<ff", raw, 112, 0.0, -1024.0)  # scl_slope, scl_inter
open("ct.nii", "wb").write(raw)
theirs = float(sitk.GetArrayFromImage(sitk.ReadImage("ct.nii"))[0, 0, 0])
print("SimpleITK", sitk.Version_VersionString(), "nibabel", nib.__version__)
print("stored 60, slope 0, intercept -1024: nibabel", nib.load("ct.nii").get_fdata()[0, 0, 0], "SimpleITK", theirs)
raise SystemExit(0 if theirs == -964 else "this has changed")
PY
env/bin/python try.py
