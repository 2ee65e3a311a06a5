"""From a signature to a cohort that can be opened."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError
from deepvein.findings.screening import Verdict
from deepvein.node.database.schema import ResultRow
from deepvein.node.reviews.cohort import reviewed_cohort
from deepvein.node.reviews.prepared import view_of
from deepvein.node.reviews.signing import Signer, sign
from deepvein.node.reviews.store import Changes, Drawn, save, save_slab
from deepvein.node.settings import NodeSettings
from unit.node.screened import enter_result, write_result

ANNA = Signer("anna", ("Doe", "Anna"), "Hospital")


def signed(database, folder, place, decisions, verdict=Verdict.SUSPECTED, drawn=None):
    """A study whose review is signed with these decisions; its number."""
    made = write_result(folder / place, verdict)
    study = enter_result(database, folder, place, made)
    with database.reading() as session:
        result = session.query(ResultRow).filter_by(study_id=study).one()
    with database.writing() as session:
        row = save(session, result, 0, Changes(decisions), "anna")
    if drawn is not None:
        view = view_of(folder, result)
        row = save_slab(database, folder, result, row.version, drawn(view), "anna")
    sign(database, NodeSettings(folder), row.id, row.version, ANNA)
    return study


def test_nothing_signed_is_no_cohort(database, tmp_path):
    with pytest.raises(CohortError, match="no study of .* is signed yet"):
        reviewed_cohort(database, tmp_path, tmp_path / "out")


def test_a_correction_is_a_case(database, tmp_path):
    def cut(view):
        slab = view.marks("thrombi").slab(0, view.grid.shape[0])
        first = int(np.flatnonzero(slab.any(axis=(1, 2)))[0])
        slab[first] = 0
        return Drawn(view, 0, slab)

    sick = signed(database, tmp_path, "a", {"1": {"choice": "accepted"}}, drawn=cut)
    free = signed(database, tmp_path, "b", {}, Verdict.NOT_SUSPECTED)
    database.close()
    arguments = [
        "cohort",
        "from-reviews",
        "--folder",
        str(tmp_path),
        "--out",
        str(tmp_path / "out"),
    ]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["with_dvt"] == 1
    cohort = Cohort.load(tmp_path / "out")
    assert [(one.case, one.has_dvt) for one in cohort] == [
        (f"study-{sick}", True),
        (f"study-{free}", False),
    ]
    first, second = (open_case(one, tmp_path / "cache") for one in cohort)
    original = np.load(tmp_path / "a" / "result" / "view" / "thrombi.npz")["indices"]
    kept = int((first.thrombi.array > 0).sum())
    assert 0 < kept < len(original)
    assert not second.thrombi.array.any()
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 2
    assert "is there already" in again.output
