"""Model folders come back as they were written; damaged ones are refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from deepvein.core.errors import ModelError
from deepvein.core.provenance import sha256
from deepvein.core.settings import to_dict
from deepvein.examples.patches import PatchExamples
from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription, Part, load_model, save_model

SETTINGS = GNUNetSettings(base=4, depth=1, normalisation="batch")
DESCRIPTION = ModelDescription(
    recipe="toy",
    task="segmentation",
    modality=Modality.CT,
    network=Part("gn-unet", to_dict(SETTINGS)),
    examples=PatchExamples(),
    labels=("thrombus",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(GN_UNET.build(SETTINGS, 5), DESCRIPTION, tmp_path)
    return tmp_path


def change(folder: Path, **values: Any) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_round_trip(folder: Path) -> None:
    model = load_model(folder)
    original = GN_UNET.build(SETTINGS, 5).eval()
    inputs = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model.network(inputs), original(inputs))
    assert not model.network.training
    assert model.description.examples == PatchExamples()
    assert model.description.modality is Modality.CT
    assert model.sha256 == model.description.weights_sha256 == sha256(folder / "model.safetensors")
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.safetensors"]


def test_half_precision_halves_the_file_and_loads_as_single(tmp_path: Path) -> None:
    network = GN_UNET.build(GNUNetSettings(base=16, depth=1), 5)
    description = ModelDescription(
        recipe="toy",
        task="segmentation",
        modality=Modality.MR,
        network=Part("gn-unet", to_dict(GNUNetSettings(base=16, depth=1))),
        examples=PatchExamples(),
        labels=("thrombus",),
    )
    save_model(network, description, tmp_path / "32")
    save_model(network, description, tmp_path / "16", precision="float16")
    sizes = [(tmp_path / kind / "model.safetensors").stat().st_size for kind in ("32", "16")]
    assert sizes[1] < 0.55 * sizes[0]
    model = load_model(tmp_path / "16")
    for name, value in network.state_dict().items():
        torch.testing.assert_close(model.network.state_dict()[name], value, rtol=1e-3, atol=1e-6)


def test_a_network_of_ones_own_has_to_be_imported(folder: Path) -> None:
    path = folder / "model.json"
    path.write_text(path.read_text().replace('"gn-unet"', '"my-unet"'))
    with pytest.raises(ModelError, match="unknown network 'my-unet'.*--import"):
        load_model(folder)


def test_weights_beyond_half_precision_are_refused(tmp_path: Path) -> None:
    network = GN_UNET.build(SETTINGS, 5)
    network.head.convolution.bias.data.fill_(1e6)
    save_model(network, DESCRIPTION, tmp_path / "32")
    with pytest.raises(ModelError, match="not finite in float16"):
        save_model(network, DESCRIPTION, tmp_path / "16", precision="float16")
    assert not (tmp_path / "16").exists()


def test_damaged_weights_are_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged or belongs to another"):
        load_model(folder)


def test_truncated_weights_are_refused_even_if_the_sum_fits(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    change(folder, weights_sha256=sha256(path))
    with pytest.raises(ModelError, match="does not fit its network"):
        load_model(folder)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    change(
        folder, network={"name": "gn-unet", "settings": to_dict(GNUNetSettings(base=8, depth=1))}
    )
    with pytest.raises(ModelError, match="does not fit its network"):
        load_model(folder)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"network": {"name": "gn-unit", "settings": {}}}, "did you mean 'gn-unet'"),
        ({"network": {"name": "gn-unet", "settings": {"width": 3}}}, "width"),
        ({"colour": "blue"}, "colour"),
        ({"format": 2}, "2"),
        ({"labels": 3}, "labels"),
    ],
)
def test_descriptions_that_are_not_understood_are_refused(
    folder: Path, values: dict[str, Any], message: str
) -> None:
    change(folder, **values)
    with pytest.raises(ModelError, match=message):
        load_model(folder)


def test_missing_files_are_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"holds no model\.safetensors"):
        load_model(folder)
    (folder / "model.json").write_text("{")
    with pytest.raises(ModelError, match="does not describe a model"):
        load_model(folder)
    (folder / "model.json").unlink()
    with pytest.raises(ModelError, match=r"holds no model\.json"):
        load_model(folder)
