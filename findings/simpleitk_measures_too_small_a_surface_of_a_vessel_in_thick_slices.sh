#!/usr/bin/env bash
# GetPerimeter of a 3D label is its surface. Of a tube in cubic voxels it is right within 2%; of the same tube in
# slices of 3 mm a quarter is missing, in slices of 5 mm with fine pixels four tenths, although the spacing is
# known to the filter. A sphere does not show it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk

def share(inside, spacing, true):
    image = sitk.GetImageFromArray(inside.astype(np.uint8))
    image.SetSpacing(spacing)
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(image)
    return round(shape.GetPerimeter(1) / true, 2)

def tube(spacing, radius=6, length=60):
    size, slices = int(2 * radius / spacing[0]) + 8, round(length / spacing[2])
    z, y, x = np.indices((slices + 4, size, size))
    across = np.hypot((x - size // 2) * spacing[0], (y - size // 2) * spacing[1])
    inside = (across <= radius) & (z >= 2) & (z < slices + 2)
    return share(inside, spacing, 2 * np.pi * radius * (length + radius))

def sphere(spacing, radius=20):
    x, y, z = (np.arange(-int(radius / s) - 3, int(radius / s) + 4) * s for s in spacing)
    inside = x**2 + y[:, None] ** 2 + z[:, None, None] ** 2 <= radius**2
    return share(inside, spacing, 4 * np.pi * radius**2)

print("SimpleITK", sitk.Version_VersionString(), "- share of the true surface that is found")
seen = {}
for spacing in ((1, 1, 1), (1, 1, 3), (0.5, 0.5, 5)):
    seen[spacing] = tube(spacing), sphere(spacing)
    print(f"voxels of {spacing} mm: tube {seen[spacing][0]}, sphere {seen[spacing][1]}")
tubes = [v[0] for v in seen.values()]
spheres = [v[1] for v in seen.values()]
raise SystemExit(0 if 0.97 < tubes[0] < 1.03 and tubes[1] < 0.8 and tubes[2] < 0.65 and min(spheres) > 0.95 else
    "this has changed")
PY
env/bin/python try.py
