#!/usr/bin/env bash
# vtkImageShrink3D puts the mean of a block of voxels where the first of them lay, and not in the middle of the
# block: an image that is made coarser by 2, 3 or 4 moves by half a voxel, a whole and one and a half, in all
# three directions. Without averaging it stays.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check vtk==9.7.2 numpy
cat > try.py <<'PY'
import numpy as np, vtk
from vtk.util.numpy_support import numpy_to_vtk

x = np.broadcast_to(np.arange(24, dtype=np.float32), (24, 24, 24))  # each voxel holds its own x in mm
image = vtk.vtkImageData()
image.SetDimensions(24, 24, 24)
image.GetPointData().SetScalars(numpy_to_vtk(x.ravel(), deep=True))

def shift(factor, averaging):
    shrink = vtk.vtkImageShrink3D()
    shrink.SetInputData(image)
    shrink.SetShrinkFactors(factor, factor, factor)
    shrink.SetAveraging(averaging)
    shrink.Update()
    small = shrink.GetOutput()
    place = small.GetOrigin()[0] + 2 * small.GetSpacing()[0]
    return round(small.GetScalarComponentAsDouble(2, 0, 0, 0) - place, 3)

means = [shift(factor, True) for factor in (2, 3, 4)]
picked = [shift(factor, False) for factor in (2, 3, 4)]
print("VTK", vtk.vtkVersion().GetVTKVersion(), "- mm between what a voxel shows and where it lies")
print("factors 2, 3, 4: averaged", means, "picked", picked)
raise SystemExit(0 if means == [0.5, 1, 1.5] and picked == [0, 0, 0] else "this has changed")
PY
env/bin/python try.py
