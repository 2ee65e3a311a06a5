#!/usr/bin/env bash
# seg-metrics measures segmentations of organs and lesions. Where nothing was found, or nothing is true, it gives
# Dice 0 and for every distance of the surfaces (Hausdorff, its 95th percentile, mean) 0 mm, which is that of a
# perfect outline: over a cohort the mean distance falls with each lesion that is missed. A finding in a healthy
# case has no false positive rate either.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check seg-metrics==1.2.8 numpy==2.4.6 simpleitk==2.5.7
cat > try.py <<'PY'
import logging
from importlib.metadata import version

import numpy as np
from seg_metrics.seg_metrics import write_metrics

logging.disable(logging.WARNING)
print("seg-metrics", version("seg-metrics"))
lesion = np.zeros((20, 40, 40), int)
lesion[5:15, 10:20, 10:20] = 1
near, none = np.roll(lesion, 2, axis=2), np.zeros_like(lesion)
names = ["dice", "hd", "hd95", "msd", "fpr"]
rows = []
for said, true, found in (
    ("found 2 mm aside", lesion, near),
    ("missed", lesion, none),
    ("found where nothing is", none, lesion),
):
    told = write_metrics(labels=[1], gdth_img=true, pred_img=found, spacing=(3, 1, 1), metrics=names)
    rows.append([float(told[0][name][0]) for name in names])
    print(f"{said}:", ", ".join(f"{name} {value:.2f}" for name, value in zip(names, rows[-1])))
if not rows[0][2] > 0 or any(rows[1][:4]) or any(rows[2]):
    raise SystemExit("this has changed")
PY
env/bin/python try.py
