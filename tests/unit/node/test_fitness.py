from __future__ import annotations

import os
import time

from deepvein.core.errors import ModelError
from deepvein.node.fitness import FOLDER, Fitness, in_words, unfit


def test_a_machine_that_cannot_screen_is_told_of_until_it_can(tmp_path, caplog):
    caplog.set_level("INFO")
    one, two = Fitness(tmp_path, "node-1"), Fitness(tmp_path, "node-2")
    two.confirm()
    assert (unfit(tmp_path), caplog.records) == ({}, [])
    for _ in range(3):
        one.deny("weights are damaged")
    assert unfit(tmp_path) == {"node-1": "cannot screen, studies wait: weights are damaged"}
    one.deny("a library is gone")
    two.deny("a library is gone")
    gone = "cannot screen, studies wait: a library is gone"
    assert unfit(tmp_path) == dict.fromkeys(("node-1", "node-2"), gone)
    one.confirm()
    assert unfit(tmp_path) == {"node-2": gone}
    damaged = "cannot screen, studies wait: weights are damaged"
    assert [getattr(one, "reason", "") for one in caplog.records] == [damaged, gone, gone, ""]


def test_a_machine_that_is_gone_is_forgotten(tmp_path):
    Fitness(tmp_path, "node-1").deny("weights are damaged")
    (file,) = (tmp_path / FOLDER).glob("*.json")
    assert file.stat().st_mode & 0o077 == 0
    hour_ago = time.time() - 3600
    os.utime(file, (hour_ago, hour_ago))
    (tmp_path / FOLDER / "odd.json").write_text("[")
    assert unfit(tmp_path) == {}


def test_a_machine_that_cannot_screen_one_modality_says_which(tmp_path):
    Fitness(tmp_path, "node-1").deny_some({"MR": "weights are damaged"})
    reason = "cannot screen MR, such studies wait: weights are damaged"
    assert unfit(tmp_path) == {"node-1": reason}


def test_reasons_are_one_line():
    assert in_words(ModelError("weights are damaged")) == "weights are damaged"
    assert in_words(ImportError("libtorch.so:\n gone")) == "ImportError: libtorch.so: gone"
