from __future__ import annotations

import os

from deepvein.node.pulse import FOLDER, SILENT_S, Pulse, silences


def test_a_machine_is_silent_since_its_last_sign_of_life_and_then_forgotten(tmp_path):
    assert silences(tmp_path) == {}
    time_s = [0.0]
    pulse = Pulse(tmp_path, "node-1", lambda: time_s[0])
    pulse.beat()
    assert silences(tmp_path)["node-1"] < SILENT_S
    (file,) = (tmp_path / FOLDER).iterdir()
    now_s = file.stat().st_mtime

    def aged(seconds: float) -> dict[str, float]:
        os.utime(file, (now_s - seconds, now_s - seconds))
        return silences(tmp_path)

    assert aged(300.0)["node-1"] >= 300.0
    pulse.beat()  # too soon for another one
    assert silences(tmp_path)["node-1"] >= 300.0
    time_s[0] = 11.0
    pulse.beat()
    assert silences(tmp_path)["node-1"] < SILENT_S
    assert aged(3600.0) == {}


def test_who_ends_as_it_should_is_not_looked_for(tmp_path):
    pulse = Pulse(tmp_path, "node-1")
    pulse.beat()
    pulse.end()
    assert silences(tmp_path) == {}
    pulse.beat()
    assert list(silences(tmp_path)) == ["node-1"]


def test_a_folder_that_is_gone_is_not_made(tmp_path):
    Pulse(tmp_path / "gone", "node-1").beat()
    assert (silences(tmp_path / "gone"), list(tmp_path.iterdir())) == ({}, [])
