#!/usr/bin/env bash
# GetEquivalentEllipsoidDiameter of a lesion that lies on a single slice is 0 for all three axes, also for the two
# in its plane: where one moment vanishes, the size that is shared out among them is lost. A lesion of two such
# slices has all three.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk

def diameters(slices):
    lesion = np.zeros((6, 20, 20), np.uint8)
    lesion[2 : 2 + slices, 5:10, 4:14] = 1
    image = sitk.GetImageFromArray(lesion)
    image.SetSpacing((1, 1, 3))
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(image)
    return [round(v, 1) for v in shape.GetEquivalentEllipsoidDiameter(1)], shape.GetPhysicalSize(1)

print("SimpleITK", sitk.Version_VersionString(), "- a lesion of 10 x 5 mm")
(one, size), (two, _) = diameters(1), diameters(2)
print("on one slice: diameters", one, "at", size, "mm3; on two slices:", two)
raise SystemExit(0 if one == [0, 0, 0] and min(two) > 0 else "this has changed")
PY
env/bin/python try.py
