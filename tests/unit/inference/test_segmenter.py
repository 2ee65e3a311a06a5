"""The network is replaced by one whose answer can be worked out: the middle channel, scaled."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from deepvein.core.errors import ModelError
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import NormalisationSettings
from deepvein.inference.engines.torch import TorchEngine
from deepvein.inference.regions import Region
from deepvein.inference.segmenter import segment
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

EXAMPLES = PatchExamples(
    targets=("veins", "thrombus"),
    slices=3,
    normalisation=NormalisationSettings(kind="window", low=-100.0, high=100.0, background=-100.0),
)


class Echo(torch.nn.Module):
    """Veins: where the middle slice is bright. Thrombus: where the slice below is bright."""

    def forward(self, x):
        return torch.stack([x[:, 1], x[:, 0]], dim=1) * 100


def echo(examples=EXAMPLES):
    return SimpleNamespace(
        engine=TorchEngine(Echo(), torch.device("cpu")),
        description=SimpleNamespace(examples=examples, moments=None),
    )


def bright_volume(directions=AXIAL, shape=(5, 40, 48)):
    rng = np.random.default_rng(0)
    array = np.where(rng.random(shape) > 0.5, 100, -100).astype(np.int16)
    return Volume(array, Grid.from_directions(shape, (2.0, 1.0, 1.0), directions=directions))


def run(volume, where, wanted=AXIAL, model=None):
    outputs = {name: np.zeros(volume.array.shape, np.uint8) for name in ("veins", "thrombus")}
    views = {
        name: orient(Volume(array, volume.grid), wanted).array for name, array in outputs.items()
    }
    segment(model or echo(), orient(volume, wanted), where, views)
    return outputs


def test_a_region_over_the_edge_fills_its_inside_and_nothing_else():
    volume = bright_volume()
    found = run(volume, [Region((1, 4), (-8, 24), (32, 64))])
    expected = np.where(volume.array == 100, 255, 0)
    np.testing.assert_array_equal(found["veins"][1:4, :24, 32:], expected[1:4, :24, 32:])
    np.testing.assert_array_equal(found["thrombus"][1:4, :24, 32:], expected[0:3, :24, 32:])
    found["veins"][1:4, :24, 32:] = 0
    assert not found["veins"].any()


def test_beyond_the_first_slice_lies_background():
    volume = Volume(
        np.full((3, 16, 16), 100, np.int16), Grid.from_directions((3, 16, 16), (2, 1, 1))
    )
    found = run(volume, [Region((0, 3), (0, 16), (0, 16))])
    assert found["thrombus"][0].max() == 0
    assert found["thrombus"][1:].min() == 255


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_results_lie_on_the_volumes_own_axes(order):
    volume = bright_volume(
        directions=np.eye(3)[:, list(order)] * [1.0, -1.0, 1.0], shape=(16, 32, 48)
    )
    view = orient(volume, AXIAL)
    slices, rows, columns = view.array.shape
    found = run(volume, [Region((0, slices), (0, rows), (0, columns))])
    np.testing.assert_array_equal(found["veins"], np.where(volume.array == 100, 255, 0))


def test_a_coarser_model_answers_at_the_volumes_size():
    coarse = PatchExamples(
        targets=("veins", "thrombus"),
        slices=3,
        spacing_mm=2.0,
        normalisation=EXAMPLES.normalisation,
    )
    shape = (3, 64, 64)
    array = np.full(shape, -100, np.int16)
    array[:, 16:48, 16:48] = 100
    volume = Volume(array, Grid.from_directions(shape, (2.0, 1.0, 1.0)))
    model = echo(coarse)
    found = run(volume, [Region((0, 3), (0, 64), (0, 64))], model=model)["veins"]
    assert found.shape == shape
    assert found[:, 20:44, 20:44].min() == 255
    assert found[:, :12].max() == 0


def test_an_unknown_target_is_refused():
    volume = bright_volume()
    with pytest.raises(ModelError, match="predicts veins, thrombus, not bones"):
        segment(echo(), volume, [], {"bones": np.zeros((5, 40, 48), np.uint8)})
