import json
from pathlib import Path

from deepvein.core.provenance import sha256
from deepvein.inference.prediction import ModelIdentity
from deepvein.reports.model_cards import Measured, model_cards
from unit.reports.legs import MODEL

METRICS = [
    {"name": "Dice", "value": 0.8712, "low": 0.85, "high": 0.89},
    {"name": "n", "value": 4},
    {"name": "all alike", "value": 1.0, "low": 1.0, "high": 1.0},
]


def bundle(folder: Path) -> tuple[ModelIdentity, ...]:
    """A bundle of two models with its card; returns the models' identities."""
    models = []
    for name in ("localiser", "segmenter"):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.safetensors").write_bytes(name.encode())
        digest = sha256(folder / name / "model.safetensors")
        models.append(ModelIdentity(name, "1", digest))
    measured = [{"cohort": "phantoms", "cases": 20, "with_dvt": 10, "metrics": METRICS}]
    (folder / "bundle.json").write_text(json.dumps({"measured": measured}))
    (folder / "CARD.md").write_text("# Card\n")
    return tuple(models)


def test_a_bundle_is_found_by_the_hashes_of_its_weights(tmp_path: Path) -> None:
    models = bundle(tmp_path / "ct")
    card, other = model_cards((MODEL, *models), (tmp_path / "ct", tmp_path / "missing"))
    assert card.models == models
    assert card.card == "# Card\n"
    assert card.measured == (
        Measured("Dice", "0.87 (0.85 to 0.89)", "phantoms, 20 studies"),
        Measured("n", "4.00", "phantoms, 20 studies"),
        Measured("all alike", "1.00", "phantoms, 20 studies"),
    )
    assert (other.models, other.measured, other.card) == ((MODEL,), (), "")


def test_a_card_of_other_weights_is_not_shown(tmp_path: Path) -> None:
    bundle(tmp_path)
    (card,) = model_cards((MODEL,), (tmp_path,))
    assert (card.models, card.card) == ((MODEL,), "")


def test_damaged_descriptions_are_no_figures(tmp_path: Path) -> None:
    models = bundle(tmp_path)
    (tmp_path / "bundle.json").write_text("[1")
    assert model_cards(models, (tmp_path,))[0].measured == ()
