from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deepvein.laboratory.huang2019.peer import PEER, PeerTraining, budget, label, peer_trainings

ONE = PeerTraining("2.8.1", "2d", batch=2, steps=150, seconds=152.4, budget_s=152.0)


def test_a_study_without_peer_says_nothing(tmp_path: Path) -> None:
    assert peer_trainings(tmp_path) == []
    assert budget([]) == ""


def test_trainings_are_kept_by_fold_and_the_budget_is_in_the_name(tmp_path: Path) -> None:
    other = replace(ONE, steps=1200, seconds=188.7, budget_s=188.0)
    ONE.save(tmp_path / PEER / "fold-0")
    other.save(tmp_path / PEER / "fold-1")
    kept = peer_trainings(tmp_path)
    assert kept == [ONE, other]
    assert label(kept) == "nnU-Net 2.8.1 after 152 to 189 s and 150 to 1,200 steps a fold"
    assert budget(kept) == "152 to 188"
    assert label([ONE]) == "nnU-Net 2.8.1 after 152 s and 150 steps a fold"
