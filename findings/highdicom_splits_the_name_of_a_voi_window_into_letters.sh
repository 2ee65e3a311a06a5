#!/usr/bin/env bash
# highdicom documents the explanation of a VOI window as a single text or a sequence of texts; a single one
# is taken letter by letter, so that a presentation state offers windows named "v", "e", "i", "n" and "s"
# for the one window that it has.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env >/dev/null
env/bin/pip install -q --disable-pip-version-check highdicom==0.28.2 pydicom==3.0.2
cat > try.py <<'PY'
import highdicom as hd

print("highdicom", hd.__version__)
alone = hd.pr.SoftcopyVOILUTTransformation(window_center=60, window_width=360, window_explanation="veins")
listed = hd.pr.SoftcopyVOILUTTransformation(
    window_center=[60], window_width=[360], window_explanation=["veins"])
print("a window named", repr(listed.WindowCenterWidthExplanation), "if the name is in a list")
print("a window named", alone.WindowCenterWidthExplanation, "if it is not")
if list(alone.WindowCenterWidthExplanation) != list("veins"):
    raise SystemExit("this has changed")
PY
env/bin/python try.py
