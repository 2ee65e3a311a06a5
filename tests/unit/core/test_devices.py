"""One rule for devices: the same names everywhere, nothing that is not there, and what would work."""

import subprocess
import sys

import pytest
import torch

from deepvein.core.devices import check_device, has_bf16, resolve_device, sound_precision
from deepvein.core.errors import UsageError

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_auto_finds_a_device_that_computes():
    assert torch.ones(2, device=resolve_device("auto")).sum() == 2


@pytest.mark.parametrize(
    "name", ["tpu", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:1", "mps:0", "CUDA", ""]
)
def test_an_unknown_device_names_the_known_ones(name: str):
    with pytest.raises(UsageError, match=f"'{name}'.*auto, cpu, cuda, cuda:N, mps"):
        resolve_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize("name", ["cuda", "cuda:0"])
def test_a_missing_device_is_an_error_and_not_the_cpu(name: str):
    with pytest.raises(UsageError, match=f"'{name}' is not available.*use cpu or auto"):
        resolve_device(name)


@pytest.mark.usefixtures("two_gpus")
def test_each_gpu_has_a_name():
    assert resolve_device("auto") == CUDA
    assert resolve_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(
        UsageError, match="'cuda:2' is not .*use cuda, cuda:0, cuda:1, .*cpu or auto"
    ):
        resolve_device("cuda:2")


def test_the_usual_names_are_checked_without_torch():
    script = "import sys; from deepvein.core.devices import check_device as c; c('auto'); c('cpu')"
    script += "; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    check_device("auto")


def test_precision_follows_the_device(monkeypatch: pytest.MonkeyPatch):
    assert sound_precision("auto", CPU, spatial=False) == "32-true"
    assert sound_precision("bf16-mixed", CPU, spatial=False) == "bf16-mixed"
    assert sound_precision("bf16-mixed", CPU, spatial=True) == "32-true"
    assert sound_precision("16-mixed", CUDA, spatial=True) == "16-mixed"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    assert sound_precision("auto", CUDA, spatial=True) == "bf16-mixed"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: False)
    assert sound_precision("auto", CUDA, spatial=True) == "32-true"
    assert not has_bf16(CUDA)
    assert not has_bf16(torch.device("mps"))


def test_a_cpu_multiplies_in_bfloat16_if_it_has_either_instruction(monkeypatch: pytest.MonkeyPatch):
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    assert not has_bf16(CPU)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True, raising=False)
    assert has_bf16(CPU)
