import pytest
import torch

from deepvein.core.devices import resolve_device
from deepvein.core.errors import UsageError


def test_auto_finds_a_device_that_computes():
    assert torch.ones(2, device=resolve_device("auto")).sum() == 2


def test_an_unknown_device_names_the_known_ones():
    with pytest.raises(UsageError, match="'tpu'.*auto, cpu, cuda, mps"):
        resolve_device("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_missing_device_is_an_error_and_not_the_cpu():
    with pytest.raises(UsageError, match="'cuda' is not available.*cpu"):
        resolve_device("cuda")
