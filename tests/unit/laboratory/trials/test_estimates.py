from deepvein.evaluation.statistics import Estimate
from deepvein.laboratory.trials.comparison import Difference
from deepvein.laboratory.trials.estimates import metrics_of, not_measured
from deepvein.screening.bundle import Metric

NAN = float("nan")


def test_what_could_not_be_computed_is_left_out():
    estimates = [Estimate(0.5, 0.4, 0.6), Estimate(NAN, NAN, NAN), Estimate(0.7, NAN, NAN)]
    assert metrics_of(["a", "b", "c"], estimates) == (Metric("a", 0.5, 0.4, 0.6), Metric("c", 0.7))


def test_figures_of_any_kind_that_are_missing_are_told():
    made = [Difference("a", 0.5, 0.6, 0.1, low=0.0, high=0.2)]
    (note,) = not_measured(("a", "b"), made, 3, 0)
    assert note == "not measured, since no case has DVT: b"
