#!/usr/bin/env bash
# A NRRD says with `space` and `space directions` how it lies. vtkNrrdReader keeps the lengths of the directions
# and drops the rest, and takes an origin in RAS for one in LPS; vtkMetaImageReader keeps the direction of the
# very same image. A NRRD whose rows run to the front comes out mirrored.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check vtk==9.7.2 SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk, vtk

image = sitk.GetImageFromArray(np.zeros((7, 20, 30), np.int16))
image.SetSpacing((1, 2, 3))
image.SetOrigin((10, 20, 30))
image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
seen = {}
for name, reader in (("ct.mha", vtk.vtkMetaImageReader()), ("ct.nrrd", vtk.vtkNrrdReader())):
    sitk.WriteImage(image, name)
    reader.SetFileName(name)
    reader.Update()
    seen[name] = reader.GetOutput().GetPoint(reader.GetOutput().GetNumberOfPoints() - 1)
print("VTK", vtk.vtkVersion().GetVTKVersion(), "SimpleITK", sitk.Version_VersionString())
print("the last voxel lies at", image.TransformIndexToPhysicalPoint((29, 19, 6)))
print("VTK places it at", seen["ct.mha"], "from MetaImage, at", seen["ct.nrrd"], "from NRRD")
raise SystemExit(0 if seen == {"ct.mha": (-19, -18, 48), "ct.nrrd": (39, 58, 48)} else "this has changed")
PY
env/bin/python try.py
