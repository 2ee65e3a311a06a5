"""The trial is replaced by outcomes made up by hand: untrained networks find nothing to calibrate on."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from deepvein.core.errors import CohortError
from deepvein.laboratory.cards import bundling
from deepvein.laboratory.cards.bundling import BundleSettings, make_bundle, store_half
from deepvein.laboratory.trials.measurement import measure
from deepvein.screening.bundle import load_bundle
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import WEIGHTS, load_model, save_model
from deepvein.training.run import summarise
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


def strangers(cohort, folder):
    """Other patients with other images."""
    cases = []
    for case in cohort.cases:
        image = read_nifti(case.image)
        path = folder / f"{case.case}.nii"
        write_nifti(replace(image, array=image.array + np.int16(1)), path)
        cases.append(replace(case, patient=f"other {case.patient}", image=path))
    return replace(cohort, cases=tuple(cases))


def test_an_image_under_two_names_is_not_calibrated_and_measured_on(tiny_bundle, cohort, tmp_path):
    renamed = replace(
        cohort, cases=tuple(replace(case, patient=f"{case.case} b") for case in cohort)
    )
    models = (tiny_bundle.localiser, tiny_bundle.segmenter)
    with pytest.raises(CohortError, match="images of the validation under other names"):
        make_bundle(WANTED, *models, cohort, renamed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_cases_from_which_a_model_learned_are_refused(tiny_bundle, cohort, tmp_path):
    others = strangers(cohort, tmp_path)
    model = load_model(tiny_bundle.segmenter)
    learned = replace(model.description, cohort=summarise(others.select(lambda c: c.has_dvt)))
    save_model(model.network, learned, tmp_path / "segmenter")
    with pytest.raises(CohortError, match="test holds 1 cases from which the models learned"):
        make_bundle(
            WANTED, tiny_bundle.localiser, tmp_path / "segmenter", cohort, others, tmp_path / "out"
        )


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
    others = strangers(cohort, tmp_path)
    found = make_bundle(
        WANTED, tiny_bundle.localiser, tiny_bundle.segmenter, cohort, others, tmp_path / "out"
    )
    assert tried[0][0] is None
    assert tried[1][0] == found.bundle.calibration.lesion is not None
    again = load_bundle(tmp_path / "out")
    assert again.bundle == found.bundle
    assert again.bundle.measured[0].cases == 24
    assert again.bundle.measured[0].cohort == "2 studies never trained on"
    assert again.bundle.operating_point.measured_on.startswith("2 synthetic studies")
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
