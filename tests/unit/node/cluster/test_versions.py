from __future__ import annotations

import sys
from dataclasses import replace

import pytest

import deepvein
from deepvein.core.errors import UsageError
from deepvein.node.cluster.versions import Versions
from unit.node.cluster.rays import needs_ray


def test_what_differs_is_named_with_its_machine() -> None:
    here = Versions("0.5.0", "3.11", "2.13.0", "2.60.0")
    here.require(here, "b")
    with pytest.raises(UsageError, match=r"machine b .* torch 2\.6 in place of 2\.13\.0, ray 3 in"):
        here.require(replace(here, torch="2.6", ray="3"), "b")


@needs_ray
def test_versions_of_this_process() -> None:
    here = Versions.here()
    assert here.deepvein == deepvein.__version__
    assert here.python == f"{sys.version_info.major}.{sys.version_info.minor}"
