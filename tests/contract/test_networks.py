"""What every network in the registry does, whatever its architecture."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch.nn import GroupNorm
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.settings import from_dict, to_dict
from deepvein.networks import NETWORKS
from deepvein.networks.cnn_rnn import CNNRNNSettings
from deepvein.networks.course_reader import CourseReaderSettings
from deepvein.networks.gcn import GCNSettings
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.networks.gn_unet_3d import GNUNet3DSettings
from deepvein.networks.i3d import I3DSettings
from deepvein.networks.kozemzak_unet import KozemzakUNet3DSettings, KozemzakUNetSettings
from deepvein.networks.network import NetworkSpec
from deepvein.networks.resnet18 import ResNet18Settings
from deepvein.networks.segnet import SegNetSettings
from deepvein.networks.unet import UNetSettings
from deepvein.networks.vgg_unet import VGGUNetSettings

EXAMPLES: dict[str, list[tuple[Any, tuple[int, ...]]]] = {
    "gn-unet": [
        (GNUNetSettings(base=4, depth=2, in_channels=3, classes=2), (2, 3, 8, 12)),
        (GNUNetSettings(base=4, depth=1, upsampling="nearest"), (1, 1, 8, 8)),
        (GNUNetSettings(base=2, depth=2, dimensions=3, classes=3), (1, 1, 4, 8, 8)),
        (GNUNetSettings(base=4, depth=1, normalisation="instance"), (1, 1, 8, 8)),
    ],
    "gn-unet-3d": [(GNUNet3DSettings(base=2, classes=2), (1, 1, 4, 32, 32))],
    "unet": [
        (UNetSettings(base=4, depth=2, classes=2, dropout=0.0), (2, 1, 8, 12)),
        (UNetSettings(base=8, depth=1, normalisation="batch"), (2, 1, 8, 8)),
    ],
    "segnet": [
        (SegNetSettings(width=4, classes=2), (2, 1, 32, 64)),
        (SegNetSettings(width=4, in_channels=3, normalisation="group", prior=0.1), (1, 3, 64, 64)),
    ],
    "gcn": [
        (GCNSettings(width=4, encoder="resnet18", score_maps=3, kernel=5), (2, 1, 64, 32)),
        (GCNSettings(width=2, normalisation="group", score_maps=4, classes=2), (1, 1, 32, 64)),
    ],
    "kozemzak-unet": [
        (KozemzakUNetSettings(base=8), (2, 1, 16, 32)),
        (KozemzakUNetSettings(base=4, depth=2, convolutions=2, classes=2), (1, 1, 8, 8)),
    ],
    "kozemzak-unet-3d": [
        (KozemzakUNet3DSettings(base=4), (1, 1, 8, 16, 32)),
        (KozemzakUNet3DSettings(base=4, target="centre"), (1, 1, 8, 16, 32)),
    ],
    "vgg-unet": [(VGGUNetSettings(width=8, in_channels=2, classes=2), (2, 2, 32, 64))],
    "resnet18": [
        (ResNet18Settings(width=4), (2, 1, 64, 64)),
        (ResNet18Settings(width=4, in_channels=2, classes=3), (3, 2, 33, 47)),
    ],
    "cnn-rnn": [
        (CNNRNNSettings(width=4, hidden=3), (1, 1, 11, 32, 32)),
        (CNNRNNSettings(width=4, hidden=3, in_channels=2), (2, 2, 3, 33, 40)),
    ],
    "course-reader": [
        (CourseReaderSettings(base=4, width=8, dilations=(1, 2)), (2, 4, 5, 28, 28)),
        (CourseReaderSettings(base=2, width=16, in_channels=2), (1, 2, 9, 28, 28)),
    ],
    "i3d": [
        (I3DSettings(width=8, dropout=0.0), (2, 1, 11, 32, 32)),
        (I3DSettings(width=8, in_channels=2, classes=3), (2, 2, 5, 33, 40)),
    ],
}
"""Small settings of each network with an input shape that fits; a new network adds its own."""

NORMALISATIONS = (GroupNorm, _NormBase)

CASES = [
    pytest.param(NETWORKS.get(name), settings, shape, id=f"{name}-{number}")
    for name, examples in EXAMPLES.items()
    for number, (settings, shape) in enumerate(examples)
]


def test_every_network_has_examples() -> None:
    assert set(EXAMPLES) == set(NETWORKS.names())


@pytest.mark.parametrize(("spec", "settings", "shape"), CASES)
class TestNetwork:
    def test_every_parameter_gets_a_gradient(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        network = spec.build(settings, seed=1)
        inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1))
        network(inputs).square().sum().backward()
        silent = [
            name
            for name, one in network.named_parameters()
            if one.grad is None or not one.grad.abs().sum() > 0
        ]
        # A bias before a normalisation over its own channel alone is taken out again by it.
        normalised = any(isinstance(one, NORMALISATIONS) for one in network.modules())
        excused = {
            f"{name}.bias"
            for name, one in network.named_modules()
            if normalised and isinstance(one, _ConvNd) and "head" not in name
        }
        assert not {*silent} - excused

    def test_logits_are_finite_and_repeatable(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2))
        first, second = (spec.build(settings, seed=5).eval()(inputs) for _ in range(2))
        assert first.isfinite().all()
        assert torch.equal(first, second)
        pixels = shape[2:] if spec.output == "masks" else ()
        if getattr(settings, "target", "all") == "centre":
            pixels = pixels[1:]
        assert first.shape == (shape[0], settings.classes, *pixels)

    def test_sizes_and_channels_that_do_not_fit_are_refused(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        network = spec.build(settings).eval()
        with pytest.raises(UsageError, match="takes inputs"):
            network(torch.zeros(shape[0], shape[1] + 1, *shape[2:]))
        with pytest.raises(UsageError, match="takes inputs"):
            network(torch.zeros(shape[1:]))
        if spec.output == "masks":
            with pytest.raises(UsageError, match="pad to"):
                network(torch.zeros(*shape[:-1], shape[-1] - 1))

    def test_any_multiple_of_the_stated_size_will_do(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        # Twice: a single pixel at the bottom has no variance to normalise by.
        size = [7 if one == 1 else 2 * one for one in settings.size_multiple]
        inputs = torch.zeros(1, settings.in_channels, *size)
        assert spec.build(settings).eval()(inputs).isfinite().all()

    def test_it_computes_in_half_precision_where_that_is_safe(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        network = spec.build(settings, seed=5).eval()
        inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = network(inputs).float()
        exact = network(inputs)
        assert (rough - exact).abs().mean() <= 0.1 * exact.abs().max() + 0.01

    def test_parameters_are_counted_without_memory(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        built = sum(one.numel() for one in spec.build(settings).parameters())
        assert spec.parameters(settings) == built

    def test_the_docstring_states_the_parameters_of_the_defaults(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        page = sys.modules[spec.settings.__module__].__doc__
        assert page is not None
        assert f"{spec.parameters(spec.settings()):,} " in page

    def test_settings_survive_json(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        assert from_dict(spec.settings, to_dict(settings)) == settings

    def test_other_settings_are_refused(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        with pytest.raises(SettingsError, match=spec.name):
            spec.build(object())
