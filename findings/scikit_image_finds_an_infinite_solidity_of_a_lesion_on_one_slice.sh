#!/usr/bin/env bash
# A lesion in a volume may lie on a single slice. regionprops then knows no convex hull: its area is 0 and the
# solidity, which is at most 1, infinite; only a warning tells. The largest diameter, feret_diameter_max, raises a
# ValueError.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check scikit-image==0.26.0 numpy
cat > try.py <<'PY'
import numpy as np, skimage, warnings
from skimage.measure import regionprops

warnings.simplefilter("ignore")
lesion = np.zeros((6, 20, 20), np.uint8)
lesion[2, 5:10, 4:14] = 1
region = regionprops(lesion, spacing=(3, 1, 1))[0]
print("scikit-image", skimage.__version__, "- a lesion of", region.area, "mm3 on one slice")
print("area of its convex hull", region.area_convex, "solidity", region.solidity)
try:
    region.feret_diameter_max
except ValueError as error:
    print("largest diameter:", error)
raise SystemExit(0 if region.solidity == float("inf") else "this has changed")
PY
env/bin/python try.py
