#!/usr/bin/env bash
# A NIfTI may be in metres or micrometres and says so in xyzt_units. The affine of nibabel, which everyone reads
# as millimetres, holds the bare numbers; SimpleITK turns them into millimetres. The same file is a thousand times
# larger in the one than in the other, and volumes a billion times.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 nibabel==5.4.2 numpy
cat > try.py <<'PY'
import nibabel as nib, numpy as np, SimpleITK as sitk

seen = {}
for unit in ("mm", "meter", "micron"):
    image = nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), np.diag([1.0, 1, 2, 1]))
    image.header.set_xyzt_units(unit)
    nib.save(image, "ct.nii")
    seen[unit] = float(nib.load("ct.nii").affine[2, 2]), round(sitk.ReadImage("ct.nii").GetSpacing()[2], 6)
print("SimpleITK", sitk.Version_VersionString(), "nibabel", nib.__version__)
for unit, (nibabel, simpleitk) in seen.items():
    print(f"slices of 2 {unit}: nibabel's affine says {nibabel:g}, SimpleITK's spacing {simpleitk:g}")
raise SystemExit(0 if seen == {"mm": (2, 2), "meter": (2, 2000), "micron": (2, 0.002)} else "this has changed")
PY
env/bin/python try.py
