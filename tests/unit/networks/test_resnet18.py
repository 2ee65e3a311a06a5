"""ResNet18 and ResNet50 compute what torchvision's do, from the same names."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d, linear, max_pool2d

from deepvein.networks.initialisation import initialise
from deepvein.networks.resnet import ResNet
from deepvein.networks.resnet18 import RESNET18, ResNet18Settings


class Recomputed:
    """A residual network from a state dict alone."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def convolved(self, name: str, inputs: Tensor, stride: int = 1) -> Tensor:
        weight = self.state[f"{name}.weight"]
        return conv2d(inputs, weight, stride=stride, padding=weight.shape[-1] // 2)

    def normalised(self, name: str, inputs: Tensor) -> Tensor:
        state = self.state
        return batch_norm(
            inputs, state[f"{name}.running_mean"], state[f"{name}.running_var"],
            state[f"{name}.weight"], state[f"{name}.bias"], eps=1e-5,
        )  # fmt: skip

    def block(self, name: str, inputs: Tensor, stride: int) -> Tensor:
        """Any number of convolutions; the first 3×3 one has the stride."""
        features, last = inputs, 3 if f"{name}.conv3.weight" in self.state else 2
        strided = next(n for n in (1, 2) if self.state[f"{name}.conv{n}.weight"].shape[-1] == 3)
        for number in range(1, last + 1):
            step = stride if number == strided else 1
            features = self.convolved(f"{name}.conv{number}", features, step)
            features = self.normalised(f"{name}.bn{number}", features)
            features = features if number == last else features.clamp(min=0)
        if f"{name}.downsample.0.weight" in self.state:
            inputs = self.convolved(f"{name}.downsample.0", inputs, stride)
            inputs = self.normalised(f"{name}.downsample.1", inputs)
        return (features + inputs).clamp(min=0)

    def __call__(self, inputs: Tensor, counts: tuple[int, ...]) -> Tensor:
        features = self.normalised("bn1", self.convolved("conv1", inputs, 2)).clamp(min=0)
        features = max_pool2d(features, 3, 2, 1)
        for layer, count in enumerate(counts, 1):
            for number in range(count):
                stride = 2 if layer > 1 and number == 0 else 1
                features = self.block(f"layer{layer}.{number}", features, stride)
        mean = features.flatten(2).sum(2) / features[0, 0].numel()
        return linear(mean, self.state["fc.weight"], self.state["fc.bias"])


def stir(network: torch.nn.Module) -> None:
    """Running statistics and scales of no special value, as after training."""
    generator = torch.Generator().manual_seed(3)
    for name, value in network.state_dict().items():
        if value.is_floating_point() and value.ndim == 1 and "fc" not in name:
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)


@pytest.mark.parametrize(
    ("depth", "counts"), [("resnet18", (2, 2, 2, 2)), ("resnet50", (3, 4, 6, 3))]
)
def test_the_network_is_what_its_state_dict_says(depth: str, counts: tuple[int, ...]) -> None:
    network = initialise(ResNet(depth, 3, 5, width=4), 1).eval()  # type: ignore[arg-type]
    stir(network)
    inputs = torch.randn(2, 3, 65, 48, generator=torch.Generator().manual_seed(0))
    expected = Recomputed(network.state_dict())(inputs, counts)
    torch.testing.assert_close(network(inputs), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("depth", "count"), [("resnet18", 11_689_512), ("resnet50", 25_557_032)])
def test_torchvisions_parameters(depth: str, count: int) -> None:
    with torch.device("meta"):
        network = ResNet(depth, 3, 1000)  # type: ignore[arg-type]
    assert sum(value.numel() for value in network.parameters()) == count


def test_names_of_the_published_file() -> None:
    names = set(RESNET18.skeleton(ResNet18Settings()).state_dict())
    assert {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer4.1.bn2.bias",
            "layer2.0.downsample.0.weight", "layer2.0.downsample.1.weight", "fc.bias"} < names  # fmt: skip
    assert "layer1.0.downsample.0.weight" not in names
    assert len([name for name in names if "num_batches" not in name]) == 102


@pytest.mark.parametrize("depth", ["resnet18", "resnet50"])
def test_torchvisions_network_gives_the_same(depth: str) -> None:
    models = pytest.importorskip("torchvision.models")
    theirs = getattr(models, depth)(weights=None).eval()
    ours = ResNet(depth, 3, 1000).eval()  # type: ignore[arg-type]
    ours.load_state_dict(theirs.state_dict())
    inputs = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ours(inputs), theirs(inputs), rtol=1e-5, atol=1e-6)


def test_the_mean_of_a_class_activation_is_its_logit() -> None:
    network = RESNET18.build(ResNet18Settings(width=4, classes=3), 1).eval()
    torch.nn.init.constant_(network.get_parameter("fc.bias"), 0.5)
    inputs = torch.randn(2, 1, 64, 40, generator=torch.Generator().manual_seed(0))
    maps = network.class_activation(inputs)
    assert maps.shape == (2, 3, 2, 2)
    torch.testing.assert_close(maps.flatten(2).mean(2) + 0.5, network(inputs))
