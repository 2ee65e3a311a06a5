"""Published and other weights enter a network whole, or not at all with the reason.

No published file lies here: small files of the same names and layout take their place.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from deepvein.core.errors import ModelError, SettingsError, UsageError
from deepvein.networks import NETWORKS
from deepvein.networks.cnn_rnn import CNN_RNN, CNNRNNSettings
from deepvein.networks.course_reader import LEGS
from deepvein.networks.gcn import GCN, GCNSettings
from deepvein.networks.i3d import I3D, I3DSettings
from deepvein.networks.network import NetworkSpec
from deepvein.networks.pretrained import Pretrained, adapt, load_pretrained, read_tensors
from deepvein.networks.resnet18 import RESNET18, ResNet18Settings
from deepvein.networks.transfer import PublishedWeights
from deepvein.networks.unet import UNET, UNetSettings
from deepvein.networks.vgg_unet import VGG_UNET, VGGUNetSettings

WIDTH = 4


def vgg_file() -> dict[str, Tensor]:
    """As torchvision's: the convolutions of three colours, and the classifier, which we have not."""
    state = VGG_UNET.build(VGGUNetSettings(in_channels=3, width=WIDTH), 7).state_dict()
    classifier = {
        f"classifier.{n}.{kind}": torch.ones(2) for n in (0, 3, 6) for kind in ("weight", "bias")
    }
    return {
        name: value for name, value in state.items() if name.startswith("features.")
    } | classifier


def resnet_file() -> dict[str, Tensor]:
    """As torchvision's of 2016: without the counters of batch normalisation."""
    state = RESNET18.build(ResNet18Settings(in_channels=3, classes=9, width=WIDTH), 7).state_dict()
    return {name: value for name, value in state.items() if "num_batches" not in name}


def i3d_file() -> dict[str, Tensor]:
    state = I3D.build(I3DSettings(in_channels=3, classes=9, width=WIDTH), 7).state_dict()
    return {name: value for name, value in state.items() if "num_batches" not in name}


def saved(state: object, path: Path, *, legacy: bool = False) -> Path:
    torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def published(spec: NetworkSpec, path: Path, choice: str = "imagenet") -> NetworkSpec:
    """The spec with `path` as the place where its published file is fetched from."""
    weights = PublishedWeights(choice, path.as_uri(), digest(path), "a test")
    return replace(spec, transfer=replace(spec.transfer, published=(weights,)))


def loaded(network: nn.Module, spec: NetworkSpec, choice: Any, **more: Any) -> Pretrained:
    origin = load_pretrained(network, spec, str(choice), **more)
    assert origin is not None
    return origin


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torch.hub's folder of downloads, empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


def test_none_changes_nothing() -> None:
    network = RESNET18.build(ResNet18Settings(width=WIDTH), 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert load_pretrained(network, RESNET18, "none") is None
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("legacy", [False, True])
def test_vgg16_enters_the_encoder(tmp_path: Path, legacy: bool) -> None:
    state = vgg_file()
    path = saved(state, tmp_path / "weights.pth", legacy=legacy)
    network = VGG_UNET.build(VGGUNetSettings(width=WIDTH), 1)
    start = network.get_parameter("decoder.1.0.weight").clone()
    origin = loaded(network, VGG_UNET, path)
    assert origin == Pretrained(
        "file", "weights.pth", digest(path), 26, ("decoder.", "head."), "sum"
    )
    ours = network.state_dict()
    for name in (
        f"features.{number}.{kind}" for number in (2, 14, 28) for kind in ("weight", "bias")
    ):
        assert torch.equal(ours[name], state[name])
    assert torch.equal(network.get_parameter("decoder.1.0.weight"), start)


def test_a_grey_image_gives_what_it_gives_in_three_colours(tmp_path: Path) -> None:
    path = saved(resnet_file(), tmp_path / "weights.pth")
    grey = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    one = RESNET18.build(ResNet18Settings(width=WIDTH), 1).eval()
    three = RESNET18.build(ResNet18Settings(in_channels=3, width=WIDTH), 1).eval()
    assert loaded(one, RESNET18, path).adapted == "sum"
    assert loaded(three, RESNET18, path).adapted == ""
    torch.testing.assert_close(
        one.conv1(grey), three.conv1(grey.expand(1, 3, 64, 64)), rtol=1e-5, atol=1e-5
    )
    for ours, theirs in zip(one.stages(grey), three.stages(grey.expand(1, 3, 64, 64)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("colours", "value"), [("sum", 6.0), ("mean", 2.0)])
def test_channels_are_adapted_as_documented(colours: Any, value: float) -> None:
    weight = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    assert torch.equal(adapt(weight, 3, colours), weight)
    assert adapt(weight, 1, colours).flatten().tolist() == [value]
    assert adapt(weight, 2, colours).flatten().tolist() == [value, value]


def test_the_same_file_enters_both_networks_of_slices(tmp_path: Path) -> None:
    state = resnet_file()
    path = saved(state, tmp_path / "resnet.pth")
    network = CNN_RNN.build(CNNRNNSettings(width=WIDTH, hidden=3, in_channels=2), 1)
    origin = loaded(network, CNN_RNN, path)
    assert origin.fresh == ("lstm.", "fc.")
    assert origin.taken == len(state) - 2
    ours = network.state_dict()["cnn.layer3.0.conv1.weight"]
    assert torch.equal(ours, state["layer3.0.conv1.weight"])
    gcn = GCN.build(GCNSettings(width=WIDTH, encoder="resnet18", score_maps=2), 1)
    origin = loaded(gcn, GCN, path)
    assert origin.fresh == ("scores.", "upsampling.", "refinement.", "head.")


def test_i3d_takes_the_kinetics_file_and_keeps_its_own_classes(tmp_path: Path) -> None:
    state = i3d_file()
    network = I3D.build(I3DSettings(width=WIDTH, in_channels=2), 1)
    origin = loaded(network, I3D, saved(state, tmp_path / "rgb.pt"))
    assert origin.fresh == ("logits.",)
    first = network.get_parameter("Conv3d_1a_7x7.conv3d.weight")
    assert torch.equal(first[:, 0], state["Conv3d_1a_7x7.conv3d.weight"].sum(1))
    assert torch.equal(first[:, 1], first[:, 0])
    same = I3D.build(I3DSettings(width=WIDTH, classes=9, in_channels=3), 1)
    assert loaded(same, I3D, tmp_path / "rgb.pt").fresh == ()


def test_a_published_file_is_fetched_once_and_kept_where_torch_keeps_them(
    tmp_path: Path, hub: Path
) -> None:
    source = saved(vgg_file(), tmp_path / "vgg16-test.pth")
    spec = published(VGG_UNET, source)
    network = VGG_UNET.build(VGGUNetSettings(width=WIDTH), 1)
    origin = loaded(network, spec, "imagenet")
    assert origin.choice == "imagenet"
    assert origin.sha256 == digest(source) == digest(hub / "vgg16-test.pth")
    source.unlink()
    assert loaded(network, spec, "imagenet") == origin
    # The very same file given by its path is known to be the published one.
    assert loaded(network, spec, hub / "vgg16-test.pth").choice == "imagenet"


def test_weights_that_cannot_be_had_name_the_file_and_the_flag(tmp_path: Path, hub: Path) -> None:
    source = saved(vgg_file(), tmp_path / "vgg16-test.pth")
    spec = published(VGG_UNET, source)
    source.unlink()
    network = VGG_UNET.build(VGGUNetSettings(width=WIDTH), 1)
    with pytest.raises(ModelError, match=r"vgg16-test.pth .*cannot be fetched.*--pretrained FILE"):
        load_pretrained(network, spec, "imagenet")
    assert not hub.exists()


def test_a_file_with_another_checksum_is_refused(tmp_path: Path, hub: Path) -> None:
    source = saved(vgg_file(), tmp_path / "vgg16-test.pth")
    spec = published(VGG_UNET, source)
    source.write_bytes(source.read_bytes()[:-1] + b"!")
    network = VGG_UNET.build(VGGUNetSettings(width=WIDTH), 1)
    with pytest.raises(ModelError, match="another SHA-256"):
        load_pretrained(network, spec, "imagenet")
    assert not hub.exists()
    hub.mkdir(parents=True)
    hub.joinpath("vgg16-test.pth").write_bytes(b"cut off")
    with pytest.raises(ModelError, match=r"damaged or another file: its SHA-256 begins with"):
        load_pretrained(network, spec, "imagenet")


def test_a_file_named_by_its_checksum_is_held_to_it(tmp_path: Path) -> None:
    path = saved(resnet_file(), tmp_path / "resnet18-f37072fd.pth")
    network = RESNET18.build(ResNet18Settings(width=WIDTH), 1)
    with pytest.raises(ModelError, match="expected f37072fd"):
        load_pretrained(network, RESNET18, str(path))
    older = path.rename(tmp_path / "resnet18-5c106cde.pth")
    with pytest.raises(ModelError, match="expected 5c106cde"):
        load_pretrained(network, RESNET18, str(older))
    right = older.rename(tmp_path / f"resnet18-{digest(older)[:8]}.pth")
    assert loaded(network, RESNET18, right).fresh == ("fc.",)


def test_a_choice_that_is_not_published_for_the_network_is_refused() -> None:
    network = RESNET18.build(ResNet18Settings(width=WIDTH), 1)
    with pytest.raises(
        SettingsError, match="no published weights called 'kinetics'; it takes imagenet"
    ):
        load_pretrained(network, RESNET18, "kinetics")
    with pytest.raises(
        UsageError, match="there is no file imagnet; give one of imagenet, kinetics"
    ):
        load_pretrained(network, RESNET18, "imagnet")


def test_a_file_of_another_network_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    network = RESNET18.build(ResNet18Settings(width=WIDTH), 1)
    before = network.conv1.weight.clone()
    with pytest.raises(ModelError, match=r"does not fit resnet18: it holds features.0.weight"):
        load_pretrained(network, RESNET18, str(saved(vgg_file(), tmp_path / "a.pth")))
    state = resnet_file()
    del state["layer4.1.bn2.weight"]
    with pytest.raises(ModelError, match=r"it lacks layer4.1.bn2.weight"):
        load_pretrained(network, RESNET18, str(saved(state, tmp_path / "b.pth")))
    wide = RESNET18.build(ResNet18Settings(width=8), 1)
    state = resnet_file()
    with pytest.raises(
        ModelError, match=r"bn1.weight is \(4,\), the network's \(8,\)|conv1.weight"
    ):
        load_pretrained(wide, RESNET18, str(saved(state, tmp_path / "c.pth")))
    assert torch.equal(network.conv1.weight, before)


def test_nothing_but_tensors_is_read(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "executed",))

    network = RESNET18.build(ResNet18Settings(width=WIDTH), 1)
    path = saved({"conv1.weight": Payload()}, tmp_path / "evil.pth")
    with pytest.raises(ModelError, match="no weights that can be read safely"):
        load_pretrained(network, RESNET18, str(path))
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("content", [b"", b"text, not weights", b"PK\x03\x04 cut off"])
@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_files_that_are_no_weights_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match=name):
        read_tensors(path)


def test_a_table_of_anything_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no table of named tensors"):
        read_tensors(saved({"epoch": 3, "state": torch.ones(1)}, tmp_path / "checkpoint.pth"))


def test_a_networks_own_weights_enter_another_task(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    many = UNET.build(UNetSettings(base=4, depth=1, in_channels=5, classes=3), 7)
    save_file(many.state_dict(), tmp_path / "model.safetensors")
    one = UNET.build(UNetSettings(base=4, depth=1), 1)
    origin = loaded(one, UNET, tmp_path)
    assert origin.fresh == ("head.",)
    first = many.get_parameter("encoder.0.0.weight").sum(1, keepdim=True)
    torch.testing.assert_close(one.get_parameter("encoder.0.0.weight"), first)


@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_network_names_its_parts_rightly(name: str) -> None:
    spec = NETWORKS.get(name)
    state = spec.skeleton(spec.settings()).state_dict()
    transfer = spec.transfer
    # The reader of courses sees one leg after the other.
    legs = LEGS if name == "course-reader" else 1
    assert state[transfer.first].shape[1] * legs == spec.settings().in_channels
    assert all(any(one.startswith(part) for one in state) for part in transfer.fresh)
    assert not [one for one in state if one.startswith(transfer.unused)]
    assert any(one.startswith(transfer.prefix) for one in state)
    for weights in transfer.published:
        assert len(weights.sha256) == 64
        if "download.pytorch.org" in weights.url:
            assert f"-{weights.sha256[:8]}.pth" in weights.file
