#!/usr/bin/env bash
# surface-distance has infinite distances for a mask that is empty. The last release asks NumPy for `Inf`, which
# NumPy 2 has no more, and only there: all patients with marks are measured, and the first without any ends the
# evaluation with an AttributeError.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check surface-distance==0.1 numpy==2.4.6
cat > try.py <<'PY'
import numpy as np, surface_distance
from importlib.metadata import version

print("surface-distance", version("surface-distance"), "NumPy", np.__version__)
mask = np.zeros((8, 8, 8), bool)
mask[2:5, 2:5, 2:5] = True
surfaces = surface_distance.compute_surface_distances(mask, mask, (3, 1, 1))
print("two masks: 95% distance", surface_distance.compute_robust_hausdorff(surfaces, 95))
try:
    surface_distance.compute_surface_distances(mask, np.zeros_like(mask), (3, 1, 1))
except AttributeError as error:
    print("one of them empty:", str(error).splitlines()[0])
else:
    raise SystemExit("this has changed")
PY
env/bin/python try.py
