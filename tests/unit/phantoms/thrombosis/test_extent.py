from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.thrombosis.extent import ExtentSettings, forced_spans, sample_spans
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)


def test_every_span_lies_in_its_vein_and_the_spans_hang_together() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        spans = sample_spans(rng, Side.LEFT, VESSELS, ExtentSettings())
        pieces = []
        for vein, low, high in spans:
            assert vein.side is Side.LEFT
            assert low < high
            pieces.append((max(low, vein.tube.low_mm), min(high, vein.tube.high_mm)))
        pieces.sort()
        reach = pieces[0][1]
        for low, high in pieces[1:]:
            assert low <= reach + 12
            reach = max(reach, high)


def test_only_calf_veins_where_all_are_calf() -> None:
    calf = ExtentSettings(calf_share=1.0, iliofemoral_share=0.0)
    rng = np.random.default_rng(2)
    for _ in range(50):
        for vein, _, _ in sample_spans(rng, Side.RIGHT, VESSELS, calf):
            assert vein.segment in (
                VeinSegment.ANTERIOR_TIBIAL,
                VeinSegment.POSTERIOR_TIBIAL,
                VeinSegment.PERONEAL,
                VeinSegment.GASTROCNEMIUS,
                VeinSegment.SOLEAL,
            )


def test_a_forced_span_lies_within_the_coverage() -> None:
    rng = np.random.default_rng(3)
    low, high = (float(z) for z in FRAME.z((1.2, 1.5)))
    for _ in range(20):
        ((_, start, end),) = forced_spans(rng, Side.LEFT, VESSELS, (low, high))
        assert low - 1e-6 <= start < end <= high + 1e-6


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="short_share"):
        ExtentSettings(short_share=1.5)
