"""Settings out of range are refused with the value."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from deepvein.core.errors import SettingsError
from deepvein.networks.checks import require_levels, require_positive, require_prior, require_rate


def test_what_is_in_range_passes() -> None:
    require_positive(SimpleNamespace(base=1), "base")
    require_prior(None)
    require_prior(0.5)
    require_rate("dropout", 0.0)
    require_levels("pooling", (), 3, 2)
    require_levels("pooling", ((1, 2), (2, 2)), 2, 2)


def test_what_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match="base must be 1 or larger, got 0"):
        require_positive(SimpleNamespace(base=0), "base")
    for prior in (0.0, 1.0):
        with pytest.raises(SettingsError, match=f"between 0 and 1, got {prior}"):
            require_prior(prior)
    with pytest.raises(SettingsError, match="dropout must be 0 or larger and below 1, got 1"):
        require_rate("dropout", 1.0)
    for given in (((2, 2),), ((2, 0), (2, 2)), ((2, 2, 2), (2, 2, 2))):
        with pytest.raises(SettingsError, match="2 tuples of 2 positive numbers"):
            require_levels("pooling", given, 2, 2)
