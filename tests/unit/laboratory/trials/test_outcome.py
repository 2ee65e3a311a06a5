from dataclasses import replace

from unit.laboratory.trials.outcomes import outcome


def test_what_is_too_improbable_is_not_reported():
    made = replace(outcome(0, has_dvt=True, false=2), least_probability=0.5)
    assert len(made.matching.false_positives) == 2
    assert made.reported.false_positives == ()
    assert made.false_findings == ()
    assert made.missed == ()


def test_a_thrombus_is_missed_if_only_an_improbable_finding_hits_it():
    made = replace(outcome(0, has_dvt=True), least_probability=0.95)
    assert made.missed == made.thrombi
    assert outcome(0, has_dvt=True, found=False).missed


def test_false_findings_come_with_their_share_in_veins():
    ((finding, share),) = outcome(0, has_dvt=True, false=1).false_findings
    assert (finding.probability, share) == (0.3, 0.25)
