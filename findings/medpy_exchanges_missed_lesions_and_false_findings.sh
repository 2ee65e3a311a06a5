#!/usr/bin/env bash
# MedPy counts connected objects: obj_tpr(result, reference) is documented as the share of true objects that are
# found, obj_fpr as the share of found objects that are not true, the reference second. With the arguments in that
# order it is the other way round: four findings of which one is right make a "true positive rate" of a quarter and
# no "false positive rate", and one of three lesions found makes a true positive rate of 1 and a false positive
# rate of two thirds. A table by it gives the lesions that were missed as false alarms.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check MedPy==0.5.2 numpy==2.4.6
cat > try.py <<'PY'
from importlib.metadata import version

import numpy as np
from medpy.metric.binary import obj_fpr, obj_tpr


def veins(*lesions):
    mask = np.zeros((5, 60), bool)
    for first, last in lesions:
        mask[1:4, first:last] = True
    return mask


print("MedPy", version("MedPy"))
one, three, four = (
    veins(*places[:count])
    for count, places in ((n, ((0, 3), (10, 13), (20, 23), (30, 33))) for n in (1, 3, 4))
)
got = [(obj_tpr(found, true), obj_fpr(found, true)) for found, true in ((four, one), (one, three))]
print("four findings, one of them the only lesion (1.00 and 0.75): %.2f and %.2f" % got[0])
print("one finding, one of three lesions (0.33 and 0.00): %.2f and %.2f" % got[1])
if not np.allclose(got, [(0.25, 0.0), (1.0, 2 / 3)]):
    raise SystemExit("this has changed")
PY
env/bin/python try.py
