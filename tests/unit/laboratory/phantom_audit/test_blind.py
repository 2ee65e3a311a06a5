import numpy as np

from deepvein.anatomy.veins import deep_mask
from deepvein.laboratory.phantom_audit.blind import vein_neighbourhood
from deepvein.laboratory.phantom_audit.sections import nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality


def test_veins_are_hidden_alike_with_and_without_disease() -> None:
    scenario = orders(AuditSettings(Modality.CT))[1].scenario()
    sections = sections_of(scenario)
    z = float(scenario.frame.z(1.8))
    section = sections.section(nearest(sections.heights_mm, z))
    hidden = vein_neighbourhood(section, scenario)
    assert hidden[deep_mask(section.segments)].all()
    assert 0.02 < hidden.mean() < 0.6
    twin = vein_neighbourhood(section, scenario.healthy_twin)
    np.testing.assert_array_equal(hidden, twin)
