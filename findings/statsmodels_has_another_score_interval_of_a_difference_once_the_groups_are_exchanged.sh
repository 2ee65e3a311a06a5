#!/usr/bin/env bash
# The difference of two sensitivities changes its sign when the tests are exchanged, and so must its interval. The
# score interval of confint_proportions_2indep does not: 15 of 30 against 19 of 20 and the other way round are
# told apart by 0.014, even where both found 1 of 10 it leans to one side, and for 9 of 10 against 3 of 10 it
# raises a ValueError (statsmodels #10269).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check statsmodels==0.15.0 numpy
cat > try.py <<'PY'
import statsmodels
from statsmodels.stats.proportion import confint_proportions_2indep

def interval(*counts):
    low, high = confint_proportions_2indep(*counts, compare="diff", method="score")
    return round(float(low), 3), round(float(high), 3)

print("statsmodels", statsmodels.__version__)
leans = []
for found, of, found_by_other, of_other in ((19, 20, 15, 30), (1, 10, 1, 10), (5, 10, 5, 10)):
    low, high = interval(found, of, found_by_other, of_other)
    exchanged = interval(found_by_other, of_other, found, of)
    print(f"{found}/{of} minus {found_by_other}/{of_other}: from {low} to {high};",
        f"exchanged and turned: from {-exchanged[1]} to {-exchanged[0]}")
    leans.append((low, high) != (-exchanged[1], -exchanged[0]))
try:
    interval(9, 10, 3, 10)
except ValueError as error:
    print("9/10 minus 3/10:", error)
raise SystemExit(0 if all(leans) else "this has changed")
PY
env/bin/python try.py
