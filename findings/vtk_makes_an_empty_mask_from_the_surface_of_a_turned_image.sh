#!/usr/bin/env bash
# vtkPolyDataToImageStencil turns a surface back into voxels, and takes the grid from an image. The direction
# matrix of that image it leaves out: the ball that was cut from the image itself does not touch a single voxel,
# and the mask is empty without a word.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check vtk==9.7.2 numpy
cat > try.py <<'PY'
import numpy as np, vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

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

def voxels(image):
    surface = vtk.vtkFlyingEdges3D()
    surface.SetInputData(image)
    surface.SetValue(0, 0.5)
    inside = vtk.vtkPolyDataToImageStencil()
    inside.SetInputConnection(surface.GetOutputPort())
    inside.SetInformationInput(image)
    mask = vtk.vtkImageStencil()
    mask.SetInputData(image)
    mask.SetStencilConnection(inside.GetOutputPort())
    mask.SetBackgroundValue(0)
    mask.Update()
    return int(vtk_to_numpy(mask.GetOutput().GetPointData().GetScalars()).sum())

straight = turned()
straight.SetDirectionMatrix(1, 0, 0, 0, 1, 0, 0, 0, 1)
print("VTK", vtk.vtkVersion().GetVTKVersion(), "- a ball of 257 voxels, to its surface and back")
seen = voxels(straight), voxels(turned())
print("voxels left: without a direction", seen[0], "with one", seen[1])
raise SystemExit(0 if seen == (257, 0) else "this has changed")
PY
env/bin/python try.py
