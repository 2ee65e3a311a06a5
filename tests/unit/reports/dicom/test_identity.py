from __future__ import annotations

import dataclasses
from pathlib import Path

from deepvein.inference.prediction import EngineIdentity
from deepvein.reports.dicom.identity import device_uid, result_uid
from unit.reports.dicom.test_seg import from_series


def test_what_rounds_otherwise_makes_another_object_by_the_same_device(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")

    def computed_by(name: str, version: str = "2.6"):
        engines = (EngineIdentity(name, version),)
        return dataclasses.replace(
            result, prediction=dataclasses.replace(result.prediction, engines=engines)
        )

    one, other = computed_by("torch"), computed_by("bfloat16")
    assert result_uid(one, "seg") != result_uid(other, "seg")
    assert result_uid(one, "seg") == result_uid(computed_by("torch", "2.13"), "seg")
    assert device_uid(one) == device_uid(other)
