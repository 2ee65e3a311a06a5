from __future__ import annotations

from deepvein.node.outcome import StudyScreen
from deepvein.node.reviews import prepared
from deepvein.node.reviews.prepared import VIEW
from unit.node.screened import write_result


def test_views_of_old_results_go_although_nobody_looks(tmp_path, monkeypatch):
    made = write_result(tmp_path / "a")
    monkeypatch.setattr("deepvein.screening.screen.screen", lambda *_, **__: made)
    monkeypatch.setattr(prepared, "KEPT", 2)
    results = tmp_path / "results" / "1.2"
    for number in (1, 2, 3):
        out = results / str(number)
        out.mkdir(parents=True)
        told = StudyScreen(tmp_path)(tmp_path / "a" / "study", out, "cpu")
        assert (told.verdict, told.findings, told.reason) == (made.verdict.value, 1, "")
    assert {path.parent.name for path in results.glob(f"*/{VIEW}")} == {"2", "3"}
    assert all((results / str(number) / "report.html").is_file() for number in (1, 2, 3))
