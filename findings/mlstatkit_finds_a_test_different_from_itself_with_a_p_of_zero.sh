#!/usr/bin/env bash
# MLstatkit's DeLong test of two scores of the same patients gives the p of 0.277 that it should. For two scores
# that order the patients alike, as those of a model before and after its calibration, the difference has no
# variance: it turns to a bootstrap in which nothing ever differs, and answers z = 0 with p = 0. A table of
# p values, or Holm's correction over it, then calls a model significantly different from itself.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check MLstatkit==0.1.91 numpy==2.2.6
cat > try.py <<'PY'
from importlib.metadata import version

import numpy as np
from MLstatkit import Delong_test

print("MLstatkit", version("MLstatkit"))
rng = np.random.default_rng(1)
truth = np.r_[np.ones(40), np.zeros(60)].astype(int)
first, second = (np.round(truth * gain + rng.normal(0, 1, 100)) for gain in (0.6, 1.2))
calibrated = 1 / (1 + np.exp(-first))
pairs = (("another model", second), ("the same, calibrated", calibrated), ("itself", first))
told = {name: Delong_test(truth, first, other, random_state=1) for name, other in pairs}
for name, (z, p, *_, how) in told.items():
    print(f"against {name}: z {z:.2f}, p {p:.3f} by {how['method']}")
if not told["another model"][1] > 0.2 or any(told[name][1] for name in list(told)[1:]):
    raise SystemExit("this has changed")
PY
env/bin/python try.py
