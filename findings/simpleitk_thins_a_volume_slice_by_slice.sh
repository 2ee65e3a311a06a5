#!/usr/bin/env bash
# BinaryThinning of a 3D tube that lies in the slices' plane should leave one line. SimpleITK thins each slice
# by itself, and leaves a sheet: one line in every slice that the tube touches.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 scikit-image==0.26.0
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk, skimage
from skimage.morphology import skeletonize

z, y, x = np.indices((21, 21, 60))
tube = ((z - 10) ** 2 + (y - 10) ** 2 <= 36) & (x >= 5) & (x < 55)  # along x, radius 6, in 13 slices
thinned = sitk.GetArrayFromImage(sitk.BinaryThinning(sitk.GetImageFromArray(tube.astype(np.uint8)))) > 0
line = skeletonize(tube)
print("SimpleITK", sitk.Version_VersionString(), "scikit-image", skimage.__version__)
print("slices that hold the centreline: SimpleITK", int(thinned.any((1, 2)).sum()), "of 13, scikit-image", int(line.any((1, 2)).sum()))
raise SystemExit(0 if thinned.any((1, 2)).sum() == 13 and line.any((1, 2)).sum() <= 3 else "this has changed")
PY
env/bin/python try.py
