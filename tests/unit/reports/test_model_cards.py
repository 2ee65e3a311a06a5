import json
from pathlib import Path

from deepvein.core.provenance import sha256
from deepvein.inference.prediction import ModelIdentity
from deepvein.reports.model_cards import model_cards
from unit.reports.legs import MODEL


def folder_of(path: Path) -> tuple[Path, ModelIdentity]:
    path.mkdir()
    (path / "model.safetensors").write_bytes(b"weights")
    (path / "model.json").write_text(json.dumps({"metrics": {"dice": {"vein": 0.9}, "n": 20}}))
    (path / "CARD.md").write_text("# Card\n")
    return path, ModelIdentity("ct", "1", sha256(path / "model.safetensors"))


def test_a_folder_is_found_by_the_hash_of_its_weights(tmp_path: Path) -> None:
    folder, model = folder_of(tmp_path / "ct")
    other, card = model_cards((MODEL, model), (folder, tmp_path / "missing"))
    assert (other.card, other.metrics) == ("", ())
    assert card.card == "# Card\n"
    assert card.metrics == (("dice vein", "0.9"), ("n", "20"))


def test_damaged_model_json_is_no_metrics(tmp_path: Path) -> None:
    folder, model = folder_of(tmp_path / "ct")
    (folder / "model.json").write_text("[1")
    assert model_cards((model,), (folder,))[0].metrics == ()
