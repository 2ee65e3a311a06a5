#!/usr/bin/env bash
# A tilted stack can be kept in a NIfTI: its sform holds the shear, its qform what comes closest without. nibabel
# follows the sform. SimpleITK, which refuses such a sform where it stands alone, then takes the qform without a
# word: the last of these slices lies 25 mm aside.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import math, nibabel as nib, numpy as np, SimpleITK as sitk

affine = np.diag([1.0, 1, 3, 1])
affine[1, 2] = 1  # each slice is 3 mm higher and 1 mm further to the front
image = nib.Nifti1Image(np.zeros((16, 16, 51), np.int16), None)
image.header.set_sform(affine, 1)
image.header.set_qform(affine, 1, strip_shears=True)
nib.save(image, "ct.nii")
ours = (nib.load("ct.nii").affine @ [0, 0, 50, 1])[:3]
read = sitk.ReadImage("ct.nii")
theirs = np.array(read.TransformIndexToPhysicalPoint((0, 0, 50))) * [-1, -1, 1]
print("SimpleITK", sitk.Version_VersionString(), "nibabel", nib.__version__)
print("the last slice lies at", ours, "in nibabel, at", theirs.round(1), "in SimpleITK")
image.header["qform_code"] = 0
nib.save(image, "alone.nii")
try:
    sitk.ReadImage("alone.nii")
except RuntimeError:
    print("with the sform alone SimpleITK refuses to read it")
raise SystemExit(0 if 20 < math.dist(ours, theirs) < 30 else "this has changed")
PY
env/bin/python try.py
