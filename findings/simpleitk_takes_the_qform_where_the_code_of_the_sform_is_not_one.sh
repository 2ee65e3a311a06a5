#!/usr/bin/env bash
# A NIfTI may say twice where it lies, and readers choose. nibabel takes the sform whenever it has a code;
# SimpleITK does so only if that code is 1, and takes the qform beside every other (aligned, Talairach, MNI): a
# mask drawn with the one lies 93 mm off in the other.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import nibabel as nib, numpy as np, SimpleITK as sitk

def x_of_first_voxel(sform_code):
    image = nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), None)
    image.header.set_qform(np.array([[-1, 0, 0, 7], [0, 2, 0, 8], [0, 0, 3, 9], [0, 0, 0, 1.0]]), 1)
    image.header.set_sform(np.array([[-1, 0, 0, 100], [0, 2, 0, 8], [0, 0, 3, 9], [0, 0, 0, 1.0]]), sform_code)
    nib.save(image, "ct.nii")
    return float(nib.load("ct.nii").affine[0, 3]), -sitk.ReadImage("ct.nii").GetOrigin()[0]

print("SimpleITK", sitk.Version_VersionString(), "nibabel", nib.__version__)
print("the qform (code 1) puts the first voxel at x = 7, the sform at x = 100")
seen = {code: x_of_first_voxel(code) for code in (1, 2, 3, 4)}
for code, (nibabel, simpleitk) in seen.items():
    print(f"sform of code {code}: nibabel says {nibabel:g}, SimpleITK {simpleitk:g}")
raise SystemExit(0 if seen == {1: (100, 100), 2: (100, 7), 3: (100, 7), 4: (100, 7)} else "this has changed")
PY
env/bin/python try.py
