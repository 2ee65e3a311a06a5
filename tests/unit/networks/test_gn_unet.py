"""The network of row H4: its size, shapes, refusals, and the same weights from the same seed."""

from __future__ import annotations

import math
import sys
from itertools import pairwise

import pytest
import torch
from torch import nn

from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.settings import from_dict, to_dict
from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings

TINY = GNUNetSettings(base=4, depth=2)
TINY_3D = GNUNetSettings(
    classes=14, base=4, depth=2, dimensions=3, pooling=((1, 2, 2), (2, 2, 2)),
    kernels=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
)  # fmt: skip


def test_parameters_at_the_papers_setting_by_hand() -> None:
    widths = [32, 64, 128, 256, 512]

    def double(incoming: int, outgoing: int) -> int:
        """Weights and biases of two 3×3 convolutions, scales and shifts of two normalisations."""
        return 9 * (incoming + outgoing) * outgoing + 6 * outgoing

    encoder = sum(double(a, b) for a, b in pairwise([1, *widths]))
    transposed = sum(4 * below * here + here for here, below in pairwise(widths))
    decoder = sum(double(2 * here, here) for here in widths[:-1])
    head = widths[0] + 1
    assert (
        GN_UNET.parameters(GNUNetSettings()) == encoder + transposed + decoder + head == 7_765_409
    )

    decoder = sum(double(here + below, here) for here, below in pairwise(widths))
    nearest = GNUNetSettings(upsampling="nearest")
    assert GN_UNET.parameters(nearest) == encoder + decoder + head == 7_851_969


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        (TINY, (2, 1, 16, 12)),
        (
            GNUNetSettings(in_channels=5, classes=3, base=4, depth=1, upsampling="nearest"),
            (1, 5, 6, 8),
        ),
        (GNUNetSettings(base=4, depth=2, pooling=((1, 2), (2, 2))), (1, 1, 6, 8)),
        (TINY_3D, (1, 1, 4, 8, 12)),
    ],
)
def test_logits_lie_on_the_inputs_pixels(settings: GNUNetSettings, shape: tuple[int, ...]) -> None:
    logits = GN_UNET.build(settings)(torch.zeros(shape))
    assert logits.shape == (shape[0], settings.classes, *shape[2:])


@pytest.mark.parametrize("kind", ["group", "batch", "none"])
def test_the_normalisation_is_a_setting(kind: str) -> None:
    network = GN_UNET.build(from_dict(GNUNetSettings, {**to_dict(TINY), "normalisation": kind}))
    kinds = {"group": nn.GroupNorm, "batch": nn.BatchNorm2d, "none": nn.Identity}
    found = [one for one in network.modules() if isinstance(one, kinds[kind])]
    assert len(found) == 2 * (2 * TINY.depth + 1)


def test_groups_divide_the_channels() -> None:
    network = GN_UNET.build(GNUNetSettings(base=12, depth=1, groups=8))
    groups = [one.num_groups for one in network.modules() if isinstance(one, nn.GroupNorm)]
    assert groups == [4, 4, 8, 8, 4, 4]


def test_channels_are_capped() -> None:
    assert GNUNetSettings(base=16, depth=4, max_channels=64).channels == (16, 32, 64, 64, 64)


def test_group_norm_makes_examples_independent_of_their_batch() -> None:
    network = GN_UNET.build(TINY)
    inputs = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    together = network(inputs)
    torch.testing.assert_close(together[1:], network(inputs[1:]), rtol=1e-4, atol=1e-7)


def test_the_same_seed_gives_the_same_network_and_leaves_the_global_state_alone() -> None:
    before = torch.random.get_rng_state()
    one, two, other = (GN_UNET.build(TINY, seed) for seed in (3, 3, 4))
    assert torch.equal(before, torch.random.get_rng_state())
    for name, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[name])
    assert not torch.equal(
        one.get_parameter("encoder.0.0.weight"), other.get_parameter("encoder.0.0.weight")
    )


def test_the_prior_sets_the_first_probability() -> None:
    network = GN_UNET.build(GNUNetSettings(base=4, depth=1, prior=0.01))
    probability = network(torch.zeros(1, 1, 8, 8)).sigmoid()
    assert probability.mean().item() == pytest.approx(0.01, rel=0.2)


def test_sizes_that_cannot_be_halved_are_refused_with_one_that_fits() -> None:
    with pytest.raises(
        UsageError, match=r"multiples of \(4, 4\), got \(18, 16\); pad to \(20, 16\)"
    ):
        GN_UNET.build(TINY)(torch.zeros(1, 1, 18, 16))


@pytest.mark.parametrize("shape", [(1, 2, 16, 16), (1, 16, 16), (1, 1, 4, 16, 16)])
def test_wrong_channels_or_axes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"takes inputs \(batch, 1, row, column\)"):
        GN_UNET.build(TINY)(torch.zeros(shape))


@pytest.mark.parametrize(
    "values",
    [
        {"base": 0},
        {"dimensions": 4},
        {"pooling": [[2, 2]]},
        {"kernels": [[3, 3]] * 4 + [[2, 2]]},
        {"prior": 1.0},
        {"normalisation": "layer"},
        {"width": 3},
    ],
)
def test_settings_that_make_no_network_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        from_dict(GNUNetSettings, values)


def test_settings_survive_json() -> None:
    assert from_dict(GNUNetSettings, to_dict(TINY_3D)) == TINY_3D
    assert TINY_3D.size_multiple == (2, 4, 4)
    assert math.prod(TINY_3D.kernel_sizes[0]) == 9


def test_naming_networks_does_not_import_torch() -> None:
    import subprocess

    code = "import sys, deepvein.networks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
