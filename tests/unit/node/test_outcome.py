from __future__ import annotations

import json
import shutil

import pytest

from deepvein.core.errors import ModelError
from deepvein.node.outcome import Outcome, StudyScreen, Tried
from deepvein.node.reviews import prepared
from deepvein.node.reviews.prepared import VIEW
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from unit.node.screened import write_result


def test_views_of_old_results_go_although_nobody_looks(tmp_path, monkeypatch):
    made = write_result(tmp_path / "a")
    monkeypatch.setattr("deepvein.screening.screen.screen", lambda *_, **__: made)
    monkeypatch.setattr(prepared, "KEPT", 2)
    results = tmp_path / "results" / "1.2"
    for number in (1, 2, 3):
        out = results / str(number)
        out.mkdir(parents=True)
        told = StudyScreen(tmp_path)(tmp_path / "a" / "study", out, "cpu")
        assert (told.verdict, told.findings, told.reason) == (made.verdict.value, 1, "")
    assert {path.parent.name for path in results.glob(f"*/{VIEW}")} == {"2", "3"}
    assert all((results / str(number) / "report.html").is_file() for number in (1, 2, 3))


def test_whether_all_networks_can_be_loaded_is_found_out_without_a_study(tmp_path):
    screen = StudyScreen(tmp_path)
    assert isinstance(screen, Tried)
    screen.try_out("cpu")
    bundle = shutil.copytree(bundle_for(Modality.MR).folder, tmp_path / "models" / "mr-1")
    (tmp_path / "models" / "service.json").write_text(json.dumps({"MR": ["mr-1"]}))
    screen.try_out("cpu")
    weights = bundle / "reader" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert {name: type(one) for name, one in screen.try_out("cpu").items()} == {"MR": ModelError}
    bundle = shutil.copytree(bundle_for(Modality.CT).folder, tmp_path / "models" / "ct-1")
    (bundle / "localiser" / "model.safetensors").write_bytes(b"")
    both = {"MR": ["mr-1"], "CT": ["ct-1"]}
    (tmp_path / "models" / "service.json").write_text(json.dumps(both))
    with pytest.raises(ModelError):
        screen.try_out("cpu")


def test_a_study_that_could_not_be_assessed_is_read_before_those_without_a_thrombus():
    told = [Outcome("v", probability, findings=0) for probability in (0.91, None, 0.12)]
    assert sorted(told, key=lambda one: -one.urgency) == told
