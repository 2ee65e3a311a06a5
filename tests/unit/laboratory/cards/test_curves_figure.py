import io

import numpy as np
import pytest
from PIL import Image

from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.cards.curves_figure import draw_curves
from deepvein.laboratory.trials.measurement import measure
from unit.laboratory.trials.outcomes import outcome

POINT = OperatingPoint("even odds", 0.5, None, None, "nothing")


def drawn(outcomes):
    written = draw_curves(outcomes, measure(outcomes, "made up", POINT, draws=5), POINT)
    assert len(written) < 150_000
    return np.asarray(Image.open(io.BytesIO(written)).convert("RGB"))


def test_curves_differ_with_what_was_found():
    good = [outcome(n, has_dvt=n % 2 == 0, probability=0.9 - 0.8 * (n % 2)) for n in range(8)]
    poor = [outcome(n, has_dvt=n % 2 == 0, false=1, found=n > 4) for n in range(8)]
    one, other = drawn(good), drawn(poor)
    width = one.shape[1] // 3
    for panel in range(3):
        part = np.s_[:, panel * width : (panel + 1) * width]
        assert (one[part] != other[part]).any()


@pytest.mark.parametrize("has_dvt", [True, False])
def test_panels_that_cannot_be_drawn_say_so(has_dvt):
    assert drawn([outcome(0, has_dvt=has_dvt, probability=None)]).shape == (360, 1080, 3)
