#!/usr/bin/env bash
# distance_transform_edt of a mask says how deep each voxel lies. If the mask fills its box, as a crop inside a
# vessel does, there is no outside to measure from; SciPy then measures from a point beside the first voxel (SciPy
# #1616): plausible depths that grow from one corner to the other. The package edt has infinity there.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check scipy==1.17.1 edt==3.1.2 numpy
cat > try.py <<'PY'
import edt, numpy as np, scipy
from scipy.ndimage import distance_transform_edt

full = np.ones((5, 5, 5), np.uint8)
depth = distance_transform_edt(full, sampling=(3, 1, 1))
print("SciPy", scipy.__version__, "- a mask without any outside, voxels of 3 x 1 x 1 mm")
print("depth of first, middle and last voxel:", [round(float(depth[i, i, i]), 1) for i in (0, 2, 4)])
print("by edt:", [float(edt.edt(full, anisotropy=(3, 1, 1))[i, i, i]) for i in (0, 2, 4)])
z, y, x = np.indices(full.shape)
raise SystemExit(0 if np.allclose(depth, np.sqrt((3 * (z + 1)) ** 2 + y**2 + x**2)) else "this has changed")
PY
env/bin/python try.py
