#!/usr/bin/env bash
# Shrink takes every second voxel for a factor of 2, and gives the new ones the places of the means of two: what
# is seen lies half an old voxel beside where it was. With odd factors, with BinShrink and with a slice of [::2,
# ::2, ::2] it does not move.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk

x = np.arange(32, dtype=np.float32)
image = sitk.GetImageFromArray(np.broadcast_to(x, (32, 32, 32)).copy())  # each voxel holds its own x in mm

def shift(small):
    middle = small.GetWidth() // 2
    place = small.TransformIndexToPhysicalPoint((middle, 0, 0))[0]
    return round(small.GetPixel(middle, 0, 0) - place, 3)

seen = {
    "Shrink by 2": shift(sitk.Shrink(image, [2] * 3)),
    "Shrink by 4": shift(sitk.Shrink(image, [4] * 3)),
    "Shrink by 3": shift(sitk.Shrink(image, [3] * 3)),
    "BinShrink by 2": shift(sitk.BinShrink(image, [2] * 3)),
    "[::2, ::2, ::2]": shift(image[::2, ::2, ::2]),
}
print("SimpleITK", sitk.Version_VersionString(), "- mm between what a voxel of 1 mm shows and where it lies:", seen)
raise SystemExit(0 if list(seen.values()) == [0.5, 0.5, 0, 0, 0] else "this has changed")
PY
env/bin/python try.py
