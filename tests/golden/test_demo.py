"""What the demo finds (`make demo`) is what was recorded, to the last digit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pydicom
import pytest

from demo import STUDIES, Demo

pytestmark = pytest.mark.slow


def pixels(folder: Path) -> dict[str, Any]:
    """The stored pixels of each series by its number: how many images, and their digest in order."""
    images = [pydicom.dcmread(path) for path in folder.rglob("*.dcm")]
    series: dict[str, Any] = {}
    for image in sorted(images, key=lambda image: (image.SeriesNumber, image.InstanceNumber)):
        entry = series.setdefault(
            str(image.SeriesNumber), {"images": 0, "sha256": hashlib.sha256()}
        )
        entry["images"] += 1
        entry["sha256"].update(image.PixelData)
    return {
        number: {"images": entry["images"], "sha256": entry["sha256"].hexdigest()}
        for number, entry in series.items()
    }


def lasting(findings: dict[str, Any]) -> dict[str, Any]:
    """`findings.json` without what differs from run to run: times, versions, paths, the machine."""
    kept = {
        key: value
        for key, value in findings.items()
        if key not in {"device", "seconds", "provenance"}
    }
    kept["models"] = [
        {key: value for key, value in model.items() if key != "version"}
        for model in findings["models"]
    ]
    return kept


def test_the_demo(the_demo: Demo, golden: Any) -> None:
    """Elsewhere numbers may differ by 0.1 %, or by a unit of the fourth decimal to which some are given."""
    noise = golden.noise(relative=1e-3, absolute=1.01e-4)
    for name in STUDIES:
        golden.check(f"demo/{name}-pixels", pixels(the_demo.folder / name))
        found = json.loads((the_demo.results / name / "findings.json").read_text())
        golden.check(f"demo/{name}-findings", lasting(found), noise)
