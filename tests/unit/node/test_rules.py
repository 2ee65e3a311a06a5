from __future__ import annotations

import pytest

from deepvein.node.rules import DEFAULT_RULES, Decision, Rule, SeriesFacts, decide
from deepvein.node.states import Priority

CT = SeriesFacts("CT", "LEG", ("CT venography legs", "portal 2.0"))
ULTRASOUND = SeriesFacts("US", "", ("",))


def test_by_default_ct_and_mr_are_screened_and_others_left_out_with_the_reason():
    assert decide([ULTRASOUND, CT], "SCANNER", DEFAULT_RULES) == Decision(screen=True)
    left = decide([ULTRASOUND, SeriesFacts("", "", ("",))], "SCANNER", DEFAULT_RULES)
    assert not left.screen
    assert "US, no modality" in left.reason
    assert "no series" in decide([], "SCANNER", DEFAULT_RULES).reason


@pytest.mark.parametrize(
    ("rule", "meets"),
    [
        (Rule(modality=("ct",)), True),
        (Rule(modality=("MR",)), False),
        (Rule(body_part="l?g"), True),
        (Rule(body_part="PELVIS"), False),
        (Rule(description="*VENO*"), True),
        (Rule(description="portal*"), True),
        (Rule(description="portal"), False),
        (Rule(calling_ae="scan*"), True),
        (Rule(calling_ae="PACS"), False),
        (Rule(modality=("CT",), description="*angio*"), False),
    ],
)
def test_a_rule_asks_for_all_it_names(rule, meets):
    assert decide([CT], "SCANNER", [rule]).screen is meets


def test_all_of_a_rule_is_asked_of_the_same_series():
    rule = Rule(modality=("US",), body_part="LEG")
    assert not decide([CT, ULTRASOUND], "SCANNER", [rule]).screen


def test_the_first_rule_that_is_met_decides():
    rules = [
        Rule(description="*trauma*", priority=Priority.STAT),
        Rule(calling_ae="RESEARCH", screen=False),
        Rule(priority=Priority.OFF_PEAK),
    ]
    assert decide([CT], "SCANNER", rules).priority is Priority.OFF_PEAK
    trauma = SeriesFacts("CT", "", ("polytrauma",))
    assert decide([trauma], "RESEARCH", rules).priority is Priority.STAT
    assert decide([CT], "RESEARCH", rules).reason == "rule 2 leaves it out"
