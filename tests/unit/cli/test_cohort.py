"""The commands for cohorts say all at once, and never overwrite a table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.cohort import Cohort
from unit.cohorts.tiny_cohort import make

runner = CliRunner()


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path / "cohort", n=6)


def test_a_sound_cohort_is_told_so(cohort: Cohort) -> None:
    done = runner.invoke(app, ["cohort", "check", str(cohort.root), "-q"])
    assert done.exit_code == 0, done.output
    assert "6 cases of 6 patients can be used" in done.stdout


def test_all_that_is_wrong_is_shown(cohort: Cohort) -> None:
    cases = list(cohort.cases)
    cases[0] = replace(cases[0], has_dvt=False)
    cases[1] = replace(cases[1], patient="p2", fold=1)
    replace(cohort, cases=tuple(cases)).save()
    done = runner.invoke(app, ["cohort", "check", str(cohort.root), "--json"])
    assert done.exit_code == 3
    checks = {one["code"]: one for one in json.loads(done.stdout)["checks"]}
    assert checks["labels"]["cases"] == ["case0"]
    assert checks["patients"]["cases"] == ["case1", "case2"]
    assert [code for code, one in checks.items() if one["fatal"] and not one["passed"]] == [
        "patients",
        "labels",
    ]
    shown = runner.invoke(app, ["cohort", "check", str(cohort.root), "-q"])
    assert shown.stdout.count("must be mended") == 2


def test_rows_that_cannot_be_read_are_listed(cohort: Cohort) -> None:
    table = cohort.root / "cohort.csv"
    lines = table.read_text().splitlines()
    lines[1] = lines[1].replace(",CT,", ",PET,")
    lines[3] = lines[3].replace("case2/image.nii", "case2/lost.nii")
    lines.append(lines[4])
    table.write_text("\n".join(lines))
    done = runner.invoke(app, ["cohort", "check", str(cohort.root)])
    assert done.exit_code == 3
    for says in ("row 2: case 'case0' has the modality 'PET'", "row 4:", "lost.nii, which does not",
                 "row 8: the case 'case3' is listed more than once"):  # fmt: skip
        assert says in done.stderr


def test_a_folder_becomes_a_cohort_once(cohort: Cohort, tmp_path: Path) -> None:
    (cohort.root / "cohort.csv").unlink()
    arguments = ["cohort", "import", str(cohort.root), "--out", str(tmp_path / "out"), "-q"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert (
        "Guessed: 6 images have no Patient ID of their own and were taken for 6 patients"
        in done.stdout
    )
    loaded = Cohort.load(tmp_path / "out")
    assert [(one.case, one.patient, one.has_dvt) for one in loaded] == [
        (f"case{n}", f"case{n}", n % 2 == 0) for n in range(6)
    ]
    again = runner.invoke(app, arguments)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert runner.invoke(app, ["cohort", "check", str(tmp_path / "out"), "-q"]).exit_code == 0
    none = runner.invoke(app, ["cohort", "import", str(tmp_path / "no"), "--out", str(tmp_path)])
    assert none.exit_code == 2


def test_a_cohort_is_divided_into_a_new_table(cohort: Cohort, tmp_path: Path) -> None:
    out = cohort.root / "divided.csv"
    arguments = ["cohort", "split", str(cohort.root), "--out", str(out), "--shares", "50/25/25"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    loaded = Cohort.load(out)
    assert sorted(len(loaded.of_split(name)) for name in ("train", "validation", "test")) == [
        1,
        2,
        3,
    ]
    assert not any(case.split for case in Cohort.load(cohort.root))
    assert runner.invoke(app, arguments).exit_code == 2
    folds = runner.invoke(
        app, ["cohort", "split", str(cohort.root), "--out", str(tmp_path / "f.csv"), "--folds", "3"]
    )
    assert folds.exit_code == 0, folds.output
    assert sorted(case.fold for case in Cohort.load(tmp_path / "f.csv")) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("shares", ["50/25/25", ".5/.25/.25", "50/50/0", "66.7/33.3/0"])
def test_shares_are_percent_or_fractions(cohort: Cohort, shares: str) -> None:
    out = cohort.root / "divided.csv"
    done = runner.invoke(
        app, ["cohort", "split", str(cohort.root), "-o", str(out), "--shares", shares]
    )
    assert done.exit_code == 0, done.output


def test_an_image_of_two_patients_is_not_divided(cohort: Cohort) -> None:
    cases = list(cohort.cases)
    cases[1] = replace(cases[1], image=cases[0].image)
    replace(cohort, cases=tuple(cases)).save()
    out = cohort.root / "divided.csv"
    done = runner.invoke(app, ["cohort", "split", str(cohort.root), "--out", str(out)])
    assert done.exit_code == 3
    assert "the same image is given to more than one patient" in " ".join(done.stderr.split())
    assert not out.exists()


def test_patients_who_may_be_one_are_told_where_they_are_divided(cohort: Cohort) -> None:
    cases = list(cohort.cases)
    cases[0], cases[1] = (replace(cases[n], patient=f"P07_{'ab'[n]}") for n in range(2))
    replace(cohort, cases=tuple(cases)).save()
    out = cohort.root / "divided.csv"
    done = runner.invoke(app, ["cohort", "split", str(cohort.root), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "is 'P07_a', 'P07_b' one patient?" in " ".join(done.stdout.split())


def test_matched_parts_are_balanced(cohort: Cohort) -> None:
    out = cohort.root / "matched.csv"
    done = runner.invoke(
        app, ["cohort", "split", str(cohort.root), "--out", str(out), "--matched", "-q"]
    )
    assert done.exit_code == 0, done.output
    assert "contrast: largest difference" in done.stdout
    assert {case.split for case in Cohort.load(out)} == {"train", "validation", "test"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--out", "a.txt"], "ends in .csv"),
        (["--out", "a.csv", "--shares", "1/2"], "60/20/20"),
        (["--out", "a.csv", "--shares", "60/30/20"], "add up to 100 percent, these to 110"),
        (["--out", "a.csv", "--shares", "nan/1/2"], "60/20/20"),
        (["--out", "a.csv", "--shares", "0/80/20"], "train is above 0"),
        (["--out", "a.csv", "--shares", "60/20/20", "--folds", "3"], "--folds are all of one size"),
        (["--out", "a.csv", "--matched", "--folds", "2"], "not into --folds"),
    ],
)
def test_what_cannot_be_meant_is_refused(cohort: Cohort, options: list[str], says: str) -> None:
    done = runner.invoke(app, ["cohort", "split", str(cohort.root), *options])
    assert done.exit_code == 2
    assert says in done.stderr


def test_parts_that_cannot_measure_are_told(cohort: Cohort, tmp_path: Path) -> None:
    cases = [replace(case, has_dvt=n == 0, thrombi=None) for n, case in enumerate(cohort)]
    Cohort(cohort.root, tuple(cases)).save()
    arguments = [
        "cohort",
        "split",
        str(cohort.root),
        "--out",
        str(tmp_path / "f.csv"),
        "--folds",
        "3",
    ]
    done = runner.invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    (note,) = json.loads(done.stdout)["notes"]
    assert "no case with DVT, so that no sensitivity can be measured there" in note
    assert note.count("fold") == 2
