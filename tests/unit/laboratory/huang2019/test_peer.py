from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deepvein.laboratory.huang2019.peer import PEER, PeerTraining, peer_trainings, statement

ONE = PeerTraining("2.8.1", "2d", batch=2, steps=150, seconds=152.4, budget_s=152.0)


def test_a_study_without_peer_says_nothing(tmp_path: Path) -> None:
    assert peer_trainings(tmp_path) == []
    assert statement([]) == ""


def test_trainings_are_kept_by_fold_and_told_in_one_sentence(tmp_path: Path) -> None:
    other = replace(ONE, steps=1200, seconds=188.7, budget_s=188.0)
    ONE.save(tmp_path / PEER / "fold-0")
    other.save(tmp_path / PEER / "fold-1")
    kept = peer_trainings(tmp_path)
    assert kept == [ONE, other]
    assert statement(kept) == (
        "nnU-Net 2.8.1 (2d, batches of 2) trained for 152 to 189 s a fold, 150 to 1,200 steps; the "
        "proposed network took 152 to 188 s."
    )
    assert "for 152 s a fold, 150 steps" in statement([ONE])
