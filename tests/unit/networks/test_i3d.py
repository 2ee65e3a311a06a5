"""I3D: its published names, counts and padding, and its value from the state dict alone."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import avg_pool3d, batch_norm, conv3d, max_pool3d

from deepvein.core.errors import SettingsError
from deepvein.networks.i3d import I3D, I3DSettings, pad_same


def same(inputs: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...], value: float) -> Tensor:
    """TensorFlow's padding "same", written from its definition: axis by axis, by concatenation."""
    for axis, (k, s) in enumerate(zip(kernel, stride, strict=True), 2):
        size = inputs.shape[axis]
        total = max(k - s, 0) if size % s == 0 else max(k - size % s, 0)
        shape = list(inputs.shape)
        ends = []
        for length in (total // 2, total - total // 2):
            shape[axis] = length
            ends.append(torch.full(shape, value))
        inputs = torch.cat([ends[0], inputs, ends[1]], dim=axis)
    return inputs


class Recomputed:
    """The network from a state dict alone; poolings pad with minus infinity."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def unit(self, name: str, inputs: Tensor, stride: tuple[int, ...] = (1, 1, 1)) -> Tensor:
        state = self.state
        weight = state[f"{name}.conv3d.weight"]
        features = conv3d(same(inputs, weight.shape[2:], stride, 0.0), weight, stride=stride)
        return batch_norm(
            features, state[f"{name}.bn.running_mean"], state[f"{name}.bn.running_var"],
            state[f"{name}.bn.weight"], state[f"{name}.bn.bias"], eps=1e-3,
        ).clamp(min=0)  # fmt: skip

    def pool(self, inputs: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
        return max_pool3d(same(inputs, kernel, stride, -torch.inf), kernel, stride)

    def mixed(self, name: str, inputs: Tensor) -> Tensor:
        branches = [
            self.unit(f"{name}.b0", inputs),
            self.unit(f"{name}.b1b", self.unit(f"{name}.b1a", inputs)),
            self.unit(f"{name}.b2b", self.unit(f"{name}.b2a", inputs)),
            self.unit(f"{name}.b3b", self.pool(inputs, (3, 3, 3), (1, 1, 1))),
        ]
        return torch.cat(branches, 1)

    def __call__(self, inputs: Tensor) -> Tensor:
        features = self.unit("Conv3d_1a_7x7", inputs, (2, 2, 2))
        features = self.pool(features, (1, 3, 3), (1, 2, 2))
        features = self.unit("Conv3d_2c_3x3", self.unit("Conv3d_2b_1x1", features))
        features = self.pool(features, (1, 3, 3), (1, 2, 2))
        for names, kernel in (("3b 3c", 3), ("4b 4c 4d 4e 4f", 2), ("5b 5c", 0)):
            for name in names.split():
                features = self.mixed(f"Mixed_{name}", features)
            if kernel:
                features = self.pool(features, (kernel,) * 3, (2, 2, 2))
        assert features.shape[2:] == (2, 7, 7)
        features = avg_pool3d(features, (2, 7, 7), 1)
        weight, bias = self.state["logits.conv3d.weight"], self.state["logits.conv3d.bias"]
        return conv3d(features, weight, bias).flatten(1)


def test_the_network_is_what_its_state_dict_says_at_the_papers_size() -> None:
    network = I3D.build(I3DSettings(width=4, classes=3), 1).eval()
    generator = torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        if ".bn." in name and value.is_floating_point():
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    inputs = torch.randn(1, 1, 11, 224, 224, generator=generator)
    expected = Recomputed(network.state_dict())(inputs)
    torch.testing.assert_close(network(inputs), expected, rtol=1e-4, atol=1e-4)


def test_names_and_shapes_of_the_published_file() -> None:
    state = I3D.skeleton(I3DSettings(in_channels=3, classes=400)).state_dict()
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    assert shapes["Conv3d_1a_7x7.conv3d.weight"] == (64, 3, 7, 7, 7)
    assert shapes["Conv3d_2c_3x3.bn.running_mean"] == (192,)
    assert shapes["Mixed_4f.b2b.conv3d.weight"] == (128, 32, 3, 3, 3)
    assert shapes["Mixed_5c.b3b.conv3d.weight"] == (128, 832, 1, 1, 1)
    assert shapes["logits.conv3d.weight"] == (400, 1024, 1, 1, 1)
    assert shapes["logits.conv3d.bias"] == (400,)
    assert sum(name.endswith("num_batches_tracked") for name in shapes) == 57
    assert not [name for name in shapes if name.endswith("conv3d.bias") and "logits" not in name]
    assert I3D.parameters(I3DSettings(in_channels=3, classes=400)) == 12_697_264


@given(
    size=st.integers(1, 12),
    kernel=st.sampled_from([1, 2, 3, 7]),
    stride=st.sampled_from([1, 2]),
)
def test_padding_makes_size_over_stride_rounded_up(size: int, kernel: int, stride: int) -> None:
    padded = pad_same(torch.zeros(1, 1, size, 4, 4), (kernel, 1, 1), (stride, 1, 1))
    length = padded.shape[2]
    # A kernel smaller than its stride needs no padding and skips what is left over.
    assert (length - kernel) // stride + 1 == -(-size // stride)
    assert padded.shape[3:] == (4, 4)


def test_widths_that_leave_a_branch_without_channels_are_refused() -> None:
    with pytest.raises(SettingsError, match="multiple of 4, got 6"):
        I3DSettings(width=6)
    with pytest.raises(SettingsError, match="dropout"):
        I3DSettings(dropout=1.5)


def test_the_mean_of_a_class_activation_is_its_logit() -> None:
    network = I3D.build(I3DSettings(width=4, classes=3), 1).eval()
    torch.nn.init.constant_(network.get_parameter("logits.conv3d.bias"), 0.5)
    inputs = torch.randn(2, 1, 11, 64, 40, generator=torch.Generator().manual_seed(0))
    maps = network.class_activation(inputs)
    assert maps.shape == (2, 3, 2, 2, 2)
    torch.testing.assert_close(maps.flatten(2).mean(2) + 0.5, network(inputs))
