"""What every network in the registry does, whatever its architecture."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.networks import NETWORKS, GNUNetSettings
from deepvein.networks.network import NetworkSpec

EXAMPLES: dict[str, list[tuple[Any, tuple[int, ...]]]] = {
    "gn-unet": [
        (GNUNetSettings(base=4, depth=2, in_channels=3, classes=2), (2, 3, 8, 12)),
        (GNUNetSettings(base=4, depth=1, upsampling="nearest"), (1, 1, 8, 8)),
        (GNUNetSettings(base=2, depth=2, dimensions=3, classes=3), (1, 1, 4, 8, 8)),
    ],
}
"""Small settings of each network with an input shape that fits; a new network adds its own."""

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
        assert not [name for name in silent if not name.endswith("bias")]

    def test_logits_are_finite_and_repeatable(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2))
        first, second = (spec.build(settings, seed=5).eval()(inputs) for _ in range(2))
        assert first.isfinite().all()
        assert torch.equal(first, second)
        assert first.shape[0] == shape[0]

    def test_parameters_are_counted_without_memory(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        built = sum(one.numel() for one in spec.build(settings).parameters())
        assert spec.parameters(settings) == built

    def test_settings_survive_json(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        assert from_dict(spec.settings, to_dict(settings)) == settings

    def test_other_settings_are_refused(
        self, spec: NetworkSpec, settings: Any, shape: tuple[int, ...]
    ) -> None:
        with pytest.raises(SettingsError, match=spec.name):
            spec.build(object())
