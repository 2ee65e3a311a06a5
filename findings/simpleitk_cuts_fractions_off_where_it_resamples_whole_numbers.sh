#!/usr/bin/env bash
# Resample of an image of whole numbers works in real ones and gives whole ones back, cut towards 0 and not
# rounded: all positive HU become too low and all negative ones too high, by half a unit on average, again with
# every step. 0.9 of a label becomes 0.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 scipy==1.17.1 numpy
cat > try.py <<'PY'
import numpy as np, scipy, SimpleITK as sitk
from scipy import ndimage

row = np.array([-4, -3, -2, -1, 0, 1, 2, 3], np.int16)
image = sitk.GetImageFromArray(row.reshape(1, 1, 8))
moved = sitk.Resample(image, image, sitk.TranslationTransform(3, (0.9, 0, 0)), sitk.sitkLinear)
theirs = sitk.GetArrayFromImage(moved).ravel()[:7].tolist()
rounded = ndimage.shift(row, -0.9, order=1, mode="nearest")[:7].tolist()
print("SimpleITK", sitk.Version_VersionString(), "SciPy", scipy.__version__)
print("exact    ", [round(float(v), 1) for v in row[:7] + 0.9])
print("SciPy    ", rounded)
print("SimpleITK", theirs)
raise SystemExit(0 if theirs == [-3, -2, -1, 0, 0, 1, 2] and rounded == [-3, -2, -1, 0, 1, 2, 3] else "this has changed")
PY
env/bin/python try.py
