#!/usr/bin/env bash
# A NIfTI whose sform and qform codes are both 0 says only how large its voxels are. Readers choose how it lies,
# and not alike: rows run to the front in nibabel, to the back in SimpleITK, columns to the left in both. One
# reading is the mirror image of the other.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import nibabel as nib, numpy as np, SimpleITK as sitk

image = nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), None)
image.header.set_zooms((1, 2, 3))
image.header["qform_code"] = image.header["sform_code"] = 0
nib.save(image, "ct.nii")
axes = "".join(nib.aff2axcodes(nib.load("ct.nii").affine))
steps = np.array(sitk.ReadImage("ct.nii").GetDirection()).reshape(3, 3)
lps = nib.aff2axcodes(np.block([[np.diag([-1, -1, 1]) @ steps, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]]))
print("SimpleITK", sitk.Version_VersionString(), "nibabel", nib.__version__)
print("columns, rows and slices run to", axes, "in nibabel, to", "".join(lps), "in SimpleITK")
raise SystemExit(0 if (axes, "".join(lps)) == ("LAS", "LPS") else "this has changed")
PY
env/bin/python try.py
