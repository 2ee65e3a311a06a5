from dataclasses import replace

from deepvein.evaluation.statistics import Estimate
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.shortfalls import shortfalls


def test_an_audit_that_meets_all_has_none(made: Audit) -> None:
    met = replace(made, centres=replace(made.centres, mean_loss=Estimate(0.1, 0.05, 0.15)))
    assert shortfalls(met) == []


def test_each_demand_that_is_missed_is_told(made: Audit) -> None:
    high, none = Estimate(0.9, 0.85, 0.95), Estimate(0.0, -0.1, 0.1)
    missed = replace(
        made,
        dark_reader=replace(made.dark_reader, auroc=high),
        position_reader=replace(made.position_reader, by_landmark=high),
        blind=replace(made.blind, auroc=high),
        neighbours=replace(made.neighbours, gain=none),
        centres=replace(made.centres, mean_loss=none),
    )
    found = shortfalls(missed)
    assert [one.split()[2] for one in found] == ["(a)", "(b)", "(c)", "(d)", "(e)"]
    assert all(one.startswith("CT clinical: ") for one in found)
