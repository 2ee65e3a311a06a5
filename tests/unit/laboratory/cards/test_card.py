import re
from dataclasses import replace

import pytest

from deepvein.findings.calibration import Calibration
from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.cards.card import card, write_account, write_card
from deepvein.laboratory.cards.card_tables import measured_tables
from deepvein.screening.bundle import Bundle, Measurement, Metric, bundled
from deepvein.studies.study import Modality
from unit.laboratory.trials.outcomes import outcome

MEASURED = Measurement("4 synthetic studies", 4, 2, (Metric("study AUROC", 0.9, 0.8, 1.0),))
BUNDLE = Bundle(
    name="ct",
    version="1.2.3",
    modality=Modality.CT,
    summary="Veins.",
    training_data="Nine synthetic legs.",
    calibration=Calibration(),
    operating_point=OperatingPoint("sensitivity 95%", 0.25, 0.96, None, "5 studies"),
    measured=(MEASURED,),
)
TESTED = [
    outcome(0, has_dvt=True, probability=0.8),
    outcome(3, has_dvt=True, found=False),
    outcome(4, has_dvt=False, false=1, probability=0.1),
]


def test_a_card_says_what_it_is_for_and_what_was_measured():
    text = card(BUNDLE, [outcome(0, has_dvt=True)], "deepvein bundle ct")
    assert "Research use only. Not a medical device." in text
    assert "synthetic legs only" in text
    assert "| study AUROC | 0.900 | 0.80 to 1.00 | ≥ 0.97 | **no** |" in text
    assert "**Not reached:** study AUROC is 0.900, aimed for 0.97." in text
    assert "deepvein bundle ct" in text
    assert "sensitivity 0.96, specificity not known" in text
    assert "failures.png" not in text


def test_a_card_of_patients_speaks_of_no_phantoms():
    measured = replace(MEASURED, cohort="4 studies never trained on")
    text = card(replace(BUNDLE, measured=(measured,), training_data="Nine patients."), TESTED, "")
    assert "Research use only. Not a medical device." in text
    assert "such as these alone" in text
    assert not re.search("synthetic|phantom", text)


def test_further_measurements_are_tables_below():
    knees = Measurement("6 pairs of knees", 6, 3, (Metric("study AUROC", 0.98, 0.9, 1.0),))
    text = card(replace(BUNDLE, measured=(MEASURED, knees)), TESTED, "")
    above, below = text.split("## Measured on other legs")
    assert "| study AUROC | 0.900 |" in above
    assert "On 6 pairs of knees, 3 of 6 with DVT" in below
    assert "| study AUROC | 0.980 |" in below
    assert text.count("Missed altogether") == 1
    assert "other legs" not in card(BUNDLE, TESTED, "")


def test_failures_are_named_the_largest_first():
    text = card(BUNDLE, TESTED, "")
    assert "Missed altogether: 1 of 2 thrombi" in text
    assert "- case case3: left popliteal vein, 60 mm, 1.00 ml, acute, occlusive" in text
    assert "False findings: 1 in 3 studies" in text
    assert "- case case4: left popliteal vein, 2.00 ml, probability 0.30, 25 % of it" in text
    assert "![the worst failures](failures.png)" in text


def test_a_thrombus_seen_but_not_reported_is_missed_and_says_so():
    text = card(BUNDLE, [replace(TESTED[0], least_probability=0.95)], "")
    assert "Missed altogether: 1 of 1 thrombi" in text
    assert "seen with probability 0.90" in text


def test_pictures_lie_beside_the_card(tmp_path):
    path = write_card(BUNDLE, TESTED, "", tmp_path)
    assert path.name == "CARD.md"
    assert {one.name for one in tmp_path.iterdir()} == {"CARD.md", "curves.png", "failures.png"}


def test_pictures_of_an_earlier_measurement_go_where_nothing_failed(tmp_path):
    write_card(BUNDLE, TESTED, "", tmp_path)
    write_card(BUNDLE, [TESTED[0], outcome(4, has_dvt=False, probability=0.1)], "", tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"CARD.md", "curves.png"}


def test_an_account_of_other_cases_has_the_same_figures(tmp_path):
    path = write_account(BUNDLE, MEASURED, TESTED, tmp_path / "new")
    text = path.read_text(encoding="utf-8")
    assert path.name == "MEASURED.md"
    assert "| study AUROC | 0.900 | 0.80 to 1.00 |" in text
    assert "Nine synthetic legs" not in text
    assert (tmp_path / "new" / "failures.png").is_file()


@pytest.mark.parametrize("folder", bundled(), ids=lambda folder: folder.bundle.name)
def test_the_bundled_cards_hold_the_figures_of_their_bundles(folder):
    lines = (folder.folder / "CARD.md").read_text(encoding="utf-8").splitlines()
    for measured in folder.bundle.measured:
        assert [
            line for line in measured_tables(measured, folder.bundle.modality) if line not in lines
        ] == []
