"""What a reproduction hands over: a card beside each model, and a bundle that screens with one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.core import settings
from deepvein.core.files import write_text
from deepvein.evaluation.tables import Table
from deepvein.findings.assessment import DEFAULT_OPERATING_POINT
from deepvein.findings.calibration import Calibration
from deepvein.laboratory.cards.bundling import store_half
from deepvein.laboratory.cards.card import CARD
from deepvein.reports import texts
from deepvein.screening.bundle import BUNDLE_FILE, Bundle, BundleFolder, bundle_for
from deepvein.studies.study import Modality

_SYNTHETIC = "Trained and measured on synthetic legs only: its figures say nothing about patients."
_OWN = (
    "Its figures are those of one cohort by cross-validation or a split; they say nothing about other "
    "scanners and other patients."
)


@dataclass(frozen=True)
class Told:
    """What a card says. title: of the model; source: the publication; cohort: as a page calls it;
    synthetic: whether no real patient is in it; scores: by patients that the model has not seen, or None."""

    title: str
    source: str
    cohort: str
    synthetic: bool
    scores: Table | None = None


def write_model_card(told: Told, folder: Path) -> Path:
    """CARD.md in a model's folder."""
    parts = [
        f"# {told.title}",
        f"**{texts.NOT_A_DEVICE}.** {_SYNTHETIC if told.synthetic else _OWN}",
        f"After {told.source}",
        f"Trained on: {told.cohort}. Network, examples, loss and training stand in `model.json`.",
    ]
    if told.scores is not None:
        parts += ["## Reached on patients that it has not seen", told.scores.rows_as_markdown()]
    path = folder / CARD
    write_text(path, "\n\n".join(parts) + "\n")
    return path


def write_screening_bundle(
    told: Told, modality: Modality, model: Path, target: str, out: Path
) -> BundleFolder:
    """A bundle in `out` that `deepvein screen --models` takes: the bundled models, with `model` for `target`.

    target: "thrombus" or "veins", what the model predicts. Localiser, and the segmenter for the other
    target, are those that come with deepvein. Probabilities are as the network gives them, and the
    operating point is even odds: `deepvein bundle` fits both on studies of one's own.
    """
    theirs = bundle_for(modality)
    own, other = ("segmenter", "veins") if target == "thrombus" else ("veins", "segmenter")
    for name, source in (("localiser", theirs.localiser), (other, theirs.segmenter), (own, model)):
        store_half(source, out / name)
    described = "thrombi" if target == "thrombus" else "deep veins"
    bundle = Bundle(
        name=f"{modality.value.lower()}-reproduced",
        version="1",
        modality=modality,
        summary=f"{told.title} for {described}; all else from {theirs.bundle.name} "
        f"{theirs.bundle.version}. Neither calibrated nor measured as a whole.",
        training_data=told.cohort,
        calibration=Calibration(),
        operating_point=DEFAULT_OPERATING_POINT,
        detection=theirs.bundle.detection,
        veins="veins",
    )
    settings.save(bundle, out / BUNDLE_FILE)
    write_model_card(told, out)
    return BundleFolder(bundle, out)
