"""The trial is replaced by outcomes made up by hand: untrained networks find nothing to calibrate on."""

from dataclasses import replace
from functools import partial

import pytest

from deepvein.core.errors import CohortError
from deepvein.laboratory.cards import bundling
from deepvein.laboratory.cards.bundling import BundleSettings, make_bundle, store_half
from deepvein.laboratory.trials.measurement import measure
from deepvein.screening.bundle import load_bundle
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import WEIGHTS
from unit.laboratory.trials.outcomes import outcome

WANTED = BundleSettings("ct", "1.0", Modality.CT, "Veins.", "Nothing.", "deepvein bundle ct")


def test_models_of_one_patient_are_never_both_calibrated_and_measured(
    tiny_bundle, cohort, tmp_path
):
    with pytest.raises(CohortError, match="share 2 patients"):
        make_bundle(
            WANTED, tiny_bundle.localiser, tiny_bundle.segmenter, cohort, cohort, tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_a_bundle_is_calibrated_on_one_cohort_and_measured_on_the_other(
    tiny_bundle, cohort, tmp_path, monkeypatch
):
    made = [outcome(n, has_dvt=n % 2 == 0, false=n % 3) for n in range(24)]
    tried = []

    def trial(models, tested, *_, **__):
        tried.append((models.bundle.calibration.lesion, tested.cases[0].case))
        return made

    monkeypatch.setattr(bundling, "run_trial", trial)
    monkeypatch.setattr(bundling, "measure", partial(measure, draws=20))
    others = replace(
        cohort, cases=tuple(replace(case, patient=f"other {case.patient}") for case in cohort.cases)
    )
    found = make_bundle(
        WANTED, tiny_bundle.localiser, tiny_bundle.segmenter, cohort, others, tmp_path / "out"
    )
    assert tried[0][0] is None
    assert tried[1][0] == found.bundle.calibration.lesion is not None
    again = load_bundle(tmp_path / "out")
    assert again.bundle == found.bundle
    assert again.bundle.measured[0].cases == 24
    text = again.card.read_text(encoding="utf-8")
    assert "Research use only" in text
    for picture in ("curves.png", "failures.png"):
        assert f"({picture})" in text
        assert (tmp_path / "out" / picture).read_bytes()[1:4] == b"PNG"
    for model in ("localiser", "segmenter"):
        stored = tmp_path / "out" / model
        size = (stored / WEIGHTS).stat().st_size
        assert size < (tiny_bundle.folder / model / WEIGHTS).stat().st_size
        first = (stored / WEIGHTS).read_bytes()
        store_half(stored, tmp_path / "again")
        assert (tmp_path / "again" / WEIGHTS).read_bytes() == first
