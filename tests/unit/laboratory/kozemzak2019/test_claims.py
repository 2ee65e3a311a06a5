from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from deepvein.evaluation.pixels import PixelTally
from deepvein.laboratory.claims import Verdict
from deepvein.laboratory.kozemzak2019.claims import claims
from deepvein.laboratory.kozemzak2019.inference import levels_of
from deepvein.laboratory.kozemzak2019.results import (
    SegmentationResults,
    SliceResults,
    SliceRow,
    StudyPixels,
)

PATIENTS = 16


def found(slices: dict[str, SliceResults], pixels: dict[str, SegmentationResults]) -> Any:
    """What a study's folder would hold."""
    profile = SimpleNamespace(draws=200)
    return SimpleNamespace(
        slices=slices.get, segmentation=pixels.get, study=SimpleNamespace(profile=profile)
    )


def classifier(gap: float, fooled: float, seed: int) -> SliceResults:
    """gap: how far positives lie above; fooled: how far slices with an artefact do."""
    rng = np.random.default_rng(seed)
    rows = []
    for case in range(PATIENTS):
        for index in range(12):
            truth, artefact = int(index > 8), float(index < 4)
            p = float(np.clip(rng.normal(0.3 + gap * truth + fooled * artefact, 0.1), 0, 1))
            rows.append(SliceRow(f"c{case}", f"p{case}", "test", index, p, truth, truth, artefact))
    return SliceResults(tuple(rows))


def segmenter(shift: float, seed: int) -> SegmentationResults:
    rng = np.random.default_rng(seed)
    studies = []
    for case in range(PATIENTS):
        truth = rng.random((2, 12, 12)) < 0.2
        logits = rng.normal(-2 + shift * truth, 1).astype(np.float32)
        studies.append(
            StudyPixels(
                f"c{case}", f"p{case}", "test", PixelTally.of(levels_of(logits), truth), None
            )
        )
    return SegmentationResults(tuple(studies))


def test_nothing_measured_leaves_every_claim_open() -> None:
    made = claims(found({}, {}))
    assert len(made) == 7
    assert {(one.here, one.verdict) for one in made} == {("not measured", Verdict.OPEN)}


def test_networks_of_many_slices_that_see_through_artefacts_confirm_the_hypothesis() -> None:
    slices = {
        "resnet18": classifier(0.2, 0.1, 0),
        "cnn-rnn": classifier(0.4, 0.0, 1),
        "i3d": classifier(0.2, 0.3, 2),
    }
    pixels = {"unet": segmenter(1.0, 0), "vgg": segmenter(4.0, 1)}
    verdicts = {one.text: one.verdict for one in claims(found(slices, pixels))}
    of = {(text.partition(" ")[0], "fewer" in text): v for text, v in verdicts.items()}
    assert verdicts["2D VGG has a higher Dice than 2D U-Net"] is Verdict.CONFIRMED
    assert verdicts["2D VGG Pre-trained has a higher Dice than 2D VGG"] is Verdict.OPEN
    assert of["CNN-RNN,", False] is Verdict.CONFIRMED
    fewer = [v for text, v in verdicts.items() if "fewer" in text]
    assert fewer == [Verdict.CONFIRMED, Verdict.NOT_CONFIRMED]


def test_other_slices_are_not_compared() -> None:
    whole = classifier(0.2, 0.2, 0)
    slices = {"resnet18": whole, "cnn-rnn": SliceResults(whole.rows[1:])}
    made = claims(found(slices, {}))
    assert {one.here for one in made} == {"not measured"}
