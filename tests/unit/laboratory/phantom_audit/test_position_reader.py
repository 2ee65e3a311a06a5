import numpy as np
import pytest

from deepvein.core.progress import silent
from deepvein.laboratory.phantom_audit.position_reader import Course, Frequency, course, measure
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality


def test_frequency_is_the_share_of_sections_with_thrombus() -> None:
    t = tuple(np.linspace(0, 3, 301).tolist())
    ill = Course("a", t, t, tuple(1 < value < 2 for value in t))
    well = Course("b", t, t, (False,) * 301)
    learnt = Frequency.learnt([ill, well], lambda c: np.array(c.t))
    assert learnt(np.array([1.5, 0.2, 2.8])) == pytest.approx([0.5, 0, 0], abs=0.01)


def test_a_course_knows_where_thrombi_run() -> None:
    order = orders(AuditSettings(Modality.CT))[1]
    found = course(order)
    assert any(found.thrombus)
    assert len(found.t) == len(found.height) == len(found.thrombus)
    assert min(found.height) == 0
    assert max(found.height) < 1


def test_it_does_about_as_well_as_the_anatomy_of_disease() -> None:
    found = measure(AuditSettings(Modality.CT, n=8), silent)
    assert abs(found.by_landmark.value - found.expected.value) < 0.4
    assert max(found.frequency) < 1
