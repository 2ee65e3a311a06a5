"""The network is replaced by one whose answer can be worked out."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.errors import ModelError
from deepvein.examples.settings import CoarseSettings
from deepvein.examples.territories import TerritoryExamples
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.localiser import NONE, localise
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume


class Bright(torch.nn.Module):
    """Femoral vein where the input is above 0, else none, both with `probability`."""

    def __init__(self, probability: float = 0.99) -> None:
        super().__init__()
        self.odds = float(np.log(probability / (1 - probability)))

    def forward(self, x):
        assert all(n % 16 == 0 for n in x.shape[2:])
        logits = torch.full((len(x), 14, *x.shape[2:]), -30.0)
        logits[:, 0] = torch.where(x[:, 0] > 0, -self.odds, self.odds)
        logits[:, VeinSegment.FEMORAL] = 0.0
        return logits


EXAMPLES = TerritoryExamples(coarse=CoarseSettings(5.0))


def model(network):
    return SimpleNamespace(
        engine=TorchEngine(network, torch.device("cpu")),
        description=SimpleNamespace(examples=EXAMPLES),
    )


def block(directions=None):
    """A bright block of 40 mm in air, and the LPS box that it fills."""
    grid = Grid.from_directions((100, 100, 100), (1.0, 1.0, 1.0), (-50.0, -50.0, 50.0), directions)
    array = np.full(grid.shape, -1000, np.int16)
    array[30:70, 30:70, 30:70] = 300
    points = grid.to_world([(29.5, 29.5, 29.5), (69.5, 69.5, 69.5)])
    return Volume(array, grid), points.min(axis=0), points.max(axis=0)


@pytest.mark.parametrize("directions", [None, CORONAL])
def test_a_territory_lies_where_the_network_saw_it(directions):
    volume, low, high = block(directions)
    found = localise(model(Bright()), volume, Modality.CT)
    assert set(np.unique(found.array)) == {0, VeinSegment.FEMORAL}
    points = found.grid.to_world(np.argwhere(found.array))
    # Up to half a coarse voxel of 5 mm on each side.
    assert (np.abs(points.min(axis=0) - 2.5 - low) <= 2.51).all()
    assert (np.abs(points.max(axis=0) + 2.5 - high) <= 2.51).all()


def test_doubt_counts_as_a_territory():
    volume, *_ = block()
    unsure = localise(model(Bright(NONE - 0.05)), volume, Modality.CT)
    assert (unsure.array == VeinSegment.FEMORAL).all()


def test_a_network_of_slices_is_refused():
    volume, *_ = block()
    with pytest.raises(ModelError, match="5 axes"):
        localise(model(torch.nn.Flatten(0, 1)), volume, Modality.CT)
