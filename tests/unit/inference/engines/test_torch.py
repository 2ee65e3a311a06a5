"""The reference engine answers as the network does."""

from __future__ import annotations

import pytest
import torch

from deepvein.inference.engines.torch import TorchEngine
from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import load_model

CPU = torch.device("cpu")
SLICES = GNUNetSettings(base=4, depth=2, in_channels=3)
VOLUMES = GNUNetSettings(base=2, depth=1, dimensions=3)


@pytest.mark.parametrize(
    ("settings", "shape"), [(SLICES, (2, 3, 24, 16)), (VOLUMES, (1, 1, 4, 8, 8))]
)
def test_it_answers_as_the_network_does(settings: GNUNetSettings, shape: tuple[int, ...]) -> None:
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = GN_UNET.build(settings, 3).eval()(inputs)
    found = TorchEngine(GN_UNET.build(settings, 3).train(), CPU)(inputs)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert not found.requires_grad
    assert found.dtype == torch.float32


def test_half_precision_comes_back_as_single() -> None:
    inputs = torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(1))
    network = GN_UNET.build(SLICES, 3)
    exact, rough = TorchEngine(network, CPU)(inputs), TorchEngine(network, CPU, half=True)(inputs)
    assert rough.dtype == torch.float32
    assert not torch.equal(exact, rough)
    torch.testing.assert_close(rough, exact, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("modality", Modality)
@pytest.mark.parametrize("tile", ["air", "constant", "half air", "noise"])
def test_layout_hardly_moves_the_bundled_probabilities(modality: Modality, tile: str) -> None:
    """Group norms of images laid out channels last round otherwise, most where maps hardly vary."""
    model = load_model(bundle_for(modality).segmenter)
    channels = model.description.examples.channels
    inputs = torch.full((1, channels, 48, 32), {"air": -1.0, "constant": 0.3}.get(tile, -1.0))
    drawn = torch.randn(inputs.shape, generator=torch.Generator().manual_seed(2)) / 4
    if tile == "half air":
        inputs[..., 16:] = drawn[..., 16:]
    elif tile == "noise":
        inputs = drawn
    with torch.no_grad():
        expected = model.network(inputs).sigmoid()
    found = TorchEngine(model.network, CPU)(inputs).sigmoid()
    assert (found - expected).abs().max() < 0.01
