from __future__ import annotations

import os
import shutil
import time

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


def test_two_workers_of_one_machine_have_a_sign_of_life_each(tmp_path):
    """One of them is killed, which lets go of its lock; whoever takes its place is the one that was silent."""

    def aged(pulse: Pulse) -> None:
        moment_s = time.time() - 300.0
        os.utime(pulse._file, (moment_s, moment_s))

    first, second = Pulse(tmp_path, "node-1"), Pulse(tmp_path, "node-1")
    first.beat()
    second.beat()
    assert silences(tmp_path).keys() == {"node-1", "node-1 (2)"}
    aged(first)
    first._let_go()
    found = silences(tmp_path)
    assert found["node-1"] > SILENT_S
    assert found["node-1 (2)"] < SILENT_S
    third = Pulse(tmp_path, "node-1")
    third.beat()
    assert third.name == "node-1"
    assert max(silences(tmp_path).values()) < SILENT_S
    aged(third)  # it is frozen: its name is its own
    fourth = Pulse(tmp_path, "node-1")
    fourth.beat()
    assert fourth.name == "node-1 (3)"
    for one in (second, third, fourth):
        one.end()
    assert silences(tmp_path) == {}


def test_a_file_that_is_removed_is_made_anew(tmp_path):
    time_s = [0.0]
    pulse = Pulse(tmp_path, "node-1", lambda: time_s[0])
    pulse.beat()
    shutil.rmtree(tmp_path / FOLDER)
    other = Pulse(tmp_path, "node-1")
    other.beat()
    time_s[0] = 11.0
    pulse.beat()
    assert (other.name, pulse.name) == ("node-1", "node-1 (2)")
    pulse.end()
    assert list(silences(tmp_path)) == ["node-1"]
