#!/usr/bin/env bash
# Two tests are compared by the ratio of their sensitivities. confint_proportions_2indep has a score interval for
# that, which is wrong where one of them found all: 9 of 10 against 10 of 10 is 0.9, from 0.95 to 1.28; the other
# way round it excludes 1, although the score test of the same library has p = 0.3.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check statsmodels==0.15.0 numpy
cat > try.py <<'PY'
import numpy as np, statsmodels, warnings
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

warnings.simplefilter("ignore")  # that complex numbers became real ones

def interval(*counts, method="score"):
    low, high = confint_proportions_2indep(*counts, compare="ratio", method=method)
    return round(float(np.real(low)), 3), round(float(np.real(high)), 3)

print("statsmodels", statsmodels.__version__)
seen = {}
for counts in ((9, 10, 10, 10), (10, 10, 9, 10)):
    seen[counts] = interval(*counts)
    p = test_proportions_2indep(*counts, value=1, compare="ratio", method="score").pvalue
    print("{}/{} against {}/{}:".format(*counts), f"ratio {counts[0] / counts[2]:.3f}, p {p:.2f},",
        "score interval", seen[counts], "log-adjusted", interval(*counts, method="log-adjusted"))
raise SystemExit(0 if seen[9, 10, 10, 10][0] > 0.9 and seen[10, 10, 9, 10][0] > 1 else "this has changed")
PY
env/bin/python try.py
