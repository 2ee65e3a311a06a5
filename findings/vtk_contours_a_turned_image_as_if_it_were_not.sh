#!/usr/bin/env bash
# An image of VTK has a direction matrix. vtkFlyingEdges3D heeds it; vtkContourFilter, which most examples use,
# leaves it out: the surface of the same voxels is mirrored about the origin, 12 and 16 mm off here.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check vtk==9.7.2 numpy
cat > try.py <<'PY'
import numpy as np, vtk
from vtk.util.numpy_support import numpy_to_vtk

def turned():
    """A ball about (94, 192, 310) on a grid that is turned by 180 degrees about z."""
    z, y, x = np.indices((20, 22, 24))
    ball = ((x - 6) ** 2 + (y - 8) ** 2 + (z - 10) ** 2 <= 16).astype(np.uint8)
    image = vtk.vtkImageData()
    image.SetDimensions(24, 22, 20)
    image.SetOrigin(100, 200, 300)
    image.SetDirectionMatrix(-1, 0, 0, 0, -1, 0, 0, 0, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(ball.ravel(), deep=True))
    return image

centres = {}
for name in ("vtkFlyingEdges3D", "vtkMarchingCubes", "vtkContourFilter"):
    surface = getattr(vtk, name)()
    surface.SetInputData(turned())
    surface.SetValue(0, 0.5)
    surface.Update()
    low_x, high_x, low_y, high_y, low_z, high_z = surface.GetOutput().GetBounds()
    centres[name] = ((low_x + high_x) / 2, (low_y + high_y) / 2, (low_z + high_z) / 2)
print("VTK", vtk.vtkVersion().GetVTKVersion(), "- a ball about (94, 192, 310)")
for name, centre in centres.items():
    print(f"{name} draws it about {centre}")
right, wrong = (94, 192, 310), (106, 208, 310)
raise SystemExit(0 if list(centres.values()) == [right, right, wrong] else "this has changed")
PY
env/bin/python try.py
