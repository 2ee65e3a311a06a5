#!/usr/bin/env bash
# Two readers who both mark nothing agree. LabelOverlapMeasures divides by nothing there: the Dice coefficient is
# infinite and the Jaccard coefficient the largest number there is. No error is raised, and the mean over all
# patients is infinite.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check SimpleITK==2.5.7 numpy
cat > try.py <<'PY'
import numpy as np, SimpleITK as sitk

empty = sitk.GetImageFromArray(np.zeros((4, 4, 4), np.uint8))
overlap = sitk.LabelOverlapMeasuresImageFilter()
overlap.Execute(empty, empty)
dice, jaccard = overlap.GetDiceCoefficient(), overlap.GetJaccardCoefficient()
print("SimpleITK", sitk.Version_VersionString(), "- two empty masks: Dice", dice, "Jaccard", jaccard)
raise SystemExit(0 if dice == float("inf") and jaccard > 1e308 else "this has changed")
PY
env/bin/python try.py
