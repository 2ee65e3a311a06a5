#!/usr/bin/env bash
# confidenceinterval says that it has scikit-learn's names and interface. scikit-learn's recall_score of a binary
# test is its sensitivity; here recall_score, precision_score and f1_score count both classes (average is
# `micro`), and all three are the accuracy: 7 of 10 patients found become 0.77.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check confidenceinterval==1.0.5 scikit-learn==1.9.1 numpy
cat > try.py <<'PY'
import confidenceinterval, numpy as np, sklearn, sklearn.metrics
from importlib.metadata import version

ill = np.array([1] * 10 + [0] * 20)
found = np.array([1] * 7 + [0] * 3 + [1] * 4 + [0] * 16)
print("confidenceinterval", version("confidenceinterval"), "scikit-learn", sklearn.__version__)
seen = {}
for name in ("recall_score", "precision_score", "f1_score", "accuracy_score"):
    theirs, interval = getattr(confidenceinterval, name)(ill, found)
    seen[name] = round(float(theirs), 3)
    print(f"{name}: scikit-learn {getattr(sklearn.metrics, name)(ill, found):.3f}, confidenceinterval {theirs:.3f}",
        "from", *(f"{v:.3f}" for v in interval))
raise SystemExit(0 if set(seen.values()) == {0.767} else "this has changed")
PY
env/bin/python try.py
