"""The worker itself; as an actor it is tested with `cluster`."""

from __future__ import annotations

import os
from pickle import loads

import pytest

from deepvein.node.cluster.versions import Versions
from deepvein.node.cluster.worker import Worker
from unit.node.cluster.rays import needs_ray


@needs_ray
def test_a_worker_does_what_it_is_given_and_says_what_it_is() -> None:
    worker = Worker()
    assert loads(worker.do(str, 7)) == "7"
    assert worker.pid() == os.getpid()
    with pytest.raises(KeyError):
        worker.do({}.__getitem__, 1)


@needs_ray
def test_its_versions_are_those_of_its_process() -> None:
    assert Worker().versions() == Versions.here()
