import numpy as np
import pytest

from deepvein.laboratory.phantom_audit.sections import nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.laboratory.phantom_audit.tissues import CT_BINS, Structure, structures
from deepvein.studies.study import Modality


def test_bins_run_from_low_to_high() -> None:
    assert len(CT_BINS.edges) == CT_BINS.count + 1
    assert (CT_BINS.edges[0], CT_BINS.edges[-1]) == (-200, 400)


def test_structures_do_not_overlap_and_look_as_they_should() -> None:
    scenario = orders(AuditSettings(Modality.CT))[0].scenario()
    sections = sections_of(scenario)
    z = float(scenario.frame.z(1.6))
    section = sections.section(nearest(sections.heights_mm, z))
    masks = structures(section, scenario)
    assert np.sum([mask.astype(int) for mask in masks.values()], axis=0).max() == 1
    assert section.picture[masks[Structure.MUSCLE]].mean() == pytest.approx(58, abs=15)
    assert section.picture[masks[Structure.FAT]].mean() == pytest.approx(-102, abs=20)
    assert not masks[Structure.THROMBUS_ACUTE].any()
