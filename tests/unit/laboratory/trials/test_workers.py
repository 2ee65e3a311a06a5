import os

import pytest

from deepvein.laboratory.trials.workers import ordered


def test_one_worker_is_this_process(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert list(ordered(os.getenv, ["OMP_NUM_THREADS", "NO_SUCH"], 1)) == ["7", None]


def test_two_workers_keep_the_order_and_one_thread_each(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    names = ["OMP_NUM_THREADS", "NO_SUCH", "MKL_NUM_THREADS"]
    assert list(ordered(os.getenv, names, 2)) == ["1", None, "1"]


def test_an_error_of_a_worker_is_the_callers():
    with pytest.raises(ValueError, match="seven"):
        list(ordered(int, ["seven", "8"], 2))
