from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.trials.kept_outcomes import keep_outcome, kept_outcome, outcome_key
from unit.laboratory.trials.outcomes import outcome


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other


@pytest.mark.parametrize("has_dvt", [True, False])
def test_an_outcome_comes_back_as_it_was(tmp_path, has_dvt):
    made = outcome(3, has_dvt=has_dvt, found=False, false=2)
    made = replace(made, probability=None if has_dvt else 0.25)
    keep_outcome(made, tmp_path, "key")
    assert_same(kept_outcome(tmp_path, "key"), made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.json", "key.npz"]


def test_what_is_missing_or_damaged_is_tried_again(tmp_path):
    assert kept_outcome(tmp_path, "key") is None
    keep_outcome(outcome(0, has_dvt=True), tmp_path, "key")
    (tmp_path / "key.npz").write_bytes(b"PK")
    assert kept_outcome(tmp_path, "key") is None
    keep_outcome(outcome(0, has_dvt=True), tmp_path, "key")
    (tmp_path / "key.json").write_text('{"case": 3}')
    assert kept_outcome(tmp_path, "key") is None


def test_the_key_changes_with_all_that_the_outcome_depends_on(tiny_bundle, cohort):
    first, second = cohort.cases
    key = outcome_key(tiny_bundle, first, cohort)
    assert key == outcome_key(tiny_bundle, first, cohort)
    assert key.startswith(f"{first.case}-")
    bundle = tiny_bundle.bundle
    other_point = replace(bundle, operating_point=OperatingPoint("other", 0.1, None, None, ""))
    other_detection = replace(bundle, detection=replace(bundle.detection, least_probability=0.4))
    keys = {
        key,
        outcome_key(tiny_bundle, second, cohort),
        outcome_key(tiny_bundle, replace(first, thrombi=second.thrombi), cohort),
        outcome_key(replace(tiny_bundle, bundle=other_point), first, cohort),
        outcome_key(replace(tiny_bundle, bundle=other_detection), first, cohort),
    }
    assert len(keys) == 5
    # What a bundle says of itself changes no outcome.
    renamed = replace(tiny_bundle, bundle=replace(bundle, summary="Other words."))
    assert outcome_key(renamed, first, cohort) == key
