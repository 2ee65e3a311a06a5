from dataclasses import replace

from deepvein.evaluation.lesions import RATES
from deepvein.laboratory.cards.card_tables import measured_tables, not_reached
from deepvein.laboratory.trials.measurement import FROC_MEAN, rate_name
from deepvein.screening.bundle import Measurement, Metric, Subgroup
from deepvein.studies.study import Modality

MEASURED = Measurement(
    "200 synthetic studies",
    200,
    100,
    (
        Metric("thrombus Dice", 0.8, 0.7, 0.9),
        *(Metric(rate_name(rate), 0.5 + rate / 20, 0.4, 1.0) for rate in RATES),
        Metric(FROC_MEAN, 0.7),
    ),
    (
        Subgroup(
            "location",
            "iliofemoral",
            "thrombi",
            40,
            (Metric("lesion sensitivity", 0.9, 0.8, 0.95), Metric("lesion Dice", 0.7)),
        ),
        Subgroup("location", "isolated calf", "thrombi", 3),
    ),
)


def test_each_aim_is_that_of_the_modality():
    ct = measured_tables(MEASURED, Modality.CT)
    mr = measured_tables(MEASURED, Modality.MR)
    assert "| thrombus Dice | 0.800 | 0.70 to 0.90 | ≥ 0.75 | yes |" in ct
    assert "| thrombus Dice | 0.800 | 0.70 to 0.90 | ≥ 0.85 | **no** |" in mr


def test_only_the_rate_with_an_aim_stands_among_the_first_figures():
    lines = measured_tables(MEASURED, Modality.CT)
    assert f"| {rate_name(0.5)} | 0.525 | 0.40 to 1.00 | ≥ 0.90 | **no** |" in lines
    assert not any(rate_name(2.0) in line for line in lines)
    assert "| 1/8 | 0.506 | 0.40 to 1.00 |" in lines
    assert "| 8 | 0.900 | 0.40 to 1.00 |" in lines
    assert "| mean | 0.700 |  |" in lines


def test_subgroups_that_lack_a_figure_have_a_dash():
    lines = measured_tables(MEASURED, Modality.CT)
    assert "| location | thrombi | lesion sensitivity | lesion Dice |" in lines
    assert "| iliofemoral | 40 | 0.90 (0.80 to 0.95) | 0.70 |" in lines
    assert "| isolated calf | 3 | – | – |" in lines
    assert "### By centre" not in lines


def test_what_is_not_reached_is_said_in_words():
    assert not_reached(MEASURED, Modality.CT) == (f"{rate_name(0.5)} is 0.525, aimed for 0.90",)
    assert len(not_reached(MEASURED, Modality.MR)) == 2


def test_an_interval_without_width_is_none():
    alike = Metric("lesion Dice", 1.0, 1.0, 1.0)
    measured = replace(MEASURED, subgroups=(Subgroup("age", "acute", "thrombi", 1, (alike,)),))
    assert "| acute | 1 | 1.00 |" in measured_tables(measured, Modality.CT)


def test_the_patients_are_told_over_whom_intervals_are():
    """Bundles of before do not know them."""
    assert measured_tables(MEASURED, Modality.CT)[0].endswith("100 of 200 with DVT:")
    for patients, told in ((150, "150 patients"), (1, "1 patient")):
        first = measured_tables(replace(MEASURED, patients=patients), Modality.CT)[0]
        assert first.endswith(f"100 of 200 with DVT, of {told}:")
