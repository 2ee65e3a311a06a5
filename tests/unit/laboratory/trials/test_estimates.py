from deepvein.evaluation.statistics import Estimate
from deepvein.laboratory.trials.estimates import metrics_of
from deepvein.screening.bundle import Metric

NAN = float("nan")


def test_what_could_not_be_computed_is_left_out():
    estimates = [Estimate(0.5, 0.4, 0.6), Estimate(NAN, NAN, NAN), Estimate(0.7, NAN, NAN)]
    assert metrics_of(["a", "b", "c"], estimates) == (Metric("a", 0.5, 0.4, 0.6), Metric("c", 0.7))
