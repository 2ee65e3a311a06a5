import numpy as np
import pytest
import torch
from torch import nn

from deepvein.anatomy.veins import Side
from deepvein.examples.courses.frame import SIZE
from deepvein.examples.courses.look import AIR
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.second_reader.reading import read_again, read_ways
from deepvein.inference.second_reader.way import Way
from deepvein.studies.study import Modality
from unit.findings.legs import VEIN_X_MM, Legs, Tube, axial

GRID = axial()
LEGS = Legs((Tube(Side.LEFT, 300, 400),))


class DarkVein(nn.Module):
    """Calls vein that is hardly brighter than muscle thrombus; remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.shown.append(inputs)
        answers = []
        for leg in inputs.split(2, dim=1):
            dark = (leg[:, :1] < 0.2) & (leg[:, 1:] > 0.8)
            anywhere = dark.flatten(3).any(dim=3)[..., None, None].expand_as(dark)
            answers += [dark, anywhere, torch.zeros_like(dark)]
        return 20 * (torch.cat(answers, dim=1).float() - 0.5)


def engine(network: nn.Module | None = None) -> TorchEngine:
    return TorchEngine(network or DarkVein(), torch.device("cpu"))


def way(side: Side, low: int = 40, high: int = 160) -> Way:
    n = high - low
    x = VEIN_X_MM if side is Side.LEFT else -VEIN_X_MM
    centres = np.column_stack([np.full(n, x), np.zeros(n)])
    return Way(side, np.arange(low, high), centres, np.ones(n, bool), np.full(n, 7, np.uint8))


@pytest.mark.parametrize("modality", Modality)
def test_a_thrombus_is_found_along_its_vein_and_marked_where_it_lies(modality):
    study, prediction = LEGS.study(GRID, modality), LEGS.prediction(GRID)
    ways = (way(Side.LEFT), way(Side.RIGHT))
    left, right = read_ways(study, prediction, ways, engine())
    z = left.way.points_mm[:, 2]
    assert left.thrombus[(z > 310) & (z < 390)].min() > 0.9
    assert left.thrombus[(z < 290) | (z > 410)].max() < 0.1
    assert right.thrombus.max() < 0.1
    again = read_again(study, prediction, ways, engine())
    assert again.reading.first_stage is prediction.thrombus_probability
    found = again.thrombus_probability > 127
    true = prediction.thrombus_probability > 0
    assert 2 * (found & true).sum() / (found.sum() + true.sum()) > 0.85
    assert again.profile.positions_mm[again.profile.probability > 0.5].min() > 280


def test_one_look_at_both_legs_at_the_same_heights_answers_for_both():
    study, prediction = LEGS.study(GRID), LEGS.prediction(GRID)
    network = DarkVein()
    ways = (way(Side.RIGHT, 40, 80), way(Side.LEFT, 60, 115))
    right, left = read_ways(study, prediction, ways, engine(network))
    (shown,) = network.shown
    assert shown.shape == (1, 4, 75, SIZE, SIZE)
    own, beside = shown[0, 0], shown[0, 2]
    assert (own[40:] == AIR[Modality.CT]).all()
    assert (beside[:20] == AIR[Modality.CT]).all()
    for seen in (own[:40], beside[20:60]):
        assert (seen.flatten(1).max(dim=1).values > 0.5).all()
    assert (len(right.thrombus), len(left.thrombus)) == (40, 55)
    assert right.thrombus.max() < 0.1
    # The thrombus begins at 300 mm, where the section of level 100 lies.
    assert left.thrombus[:38].max() < 0.1
    assert left.thrombus[42:].min() > 0.9


def test_of_three_ways_the_third_is_read_beside_one_that_was_read_already():
    study, prediction = LEGS.study(GRID), LEGS.prediction(GRID)
    network = DarkVein()
    ways = (way(Side.RIGHT, 40, 140), way(Side.LEFT, 40, 140), way(Side.LEFT, 95, 140))
    *_, third = read_ways(study, prediction, ways, engine(network))
    assert [one.shape[2] for one in network.shown] == [100, 45]
    assert third.thrombus[10:35].min() > 0.9
    beside = network.shown[1][0, 2]
    assert (beside.flatten(1).max(dim=1).values > 0.5).all()


def test_both_opinions_count_the_same():
    """The first stage also sees a thrombus in the right leg, whose vein is bright."""
    study = LEGS.study(GRID)
    both = Legs((Tube(Side.LEFT, 300, 400, probability=0.6), Tube(Side.RIGHT, 300, 400)))
    prediction = both.prediction(GRID)
    again = read_again(study, prediction, (way(Side.LEFT), way(Side.RIGHT)), engine())
    first, mean = prediction.thrombus_probability, again.thrombus_probability
    x = GRID.to_world(np.argwhere(first > 0))[:, 0]
    assert np.percentile(mean[first > 0][x > 0], 90) == pytest.approx((153 + 255) / 2, abs=1)
    assert np.median(mean[first > 0][x < 0]) == pytest.approx(230 / 2, abs=1)


def test_where_no_way_runs_the_first_opinion_counts_half():
    study, prediction = LEGS.study(GRID), LEGS.prediction(GRID)
    assert read_ways(study, prediction, (), engine()) == ()
    again = read_again(study, prediction, (), engine())
    first = prediction.thrombus_probability
    assert set(np.unique(again.thrombus_probability[first > 0])) == {230 // 2}
    assert not again.thrombus_probability[first == 0].any()
