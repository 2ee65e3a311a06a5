from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.cohorts.case import Case
from deepvein.cohorts.table import COLUMNS, case_of_row, read_rows, row_of_case, write_rows
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality

ROOT = Path("/cohort")
NAMES = (
    st.text("abcXYZ019 ,;\"'é-", min_size=1)
    .map(lambda name: " ".join(name.split()))
    .filter(lambda name: any(map(str.isalnum, name)) and not name.endswith(",0"))
)


def row(**cells: str) -> dict[str, str]:
    return {"case": "a", "patient": "p", "modality": "CT", "image": "i.nii", **cells}


@given(
    name=NAMES,
    centre=NAMES,
    has_dvt=st.sampled_from([None, True, False]),
    fold=st.none() | st.integers(0, 99),
    thrombi=st.none() | st.just(ROOT / "a b" / "t.nii"),
)
def test_a_row_holds_the_whole_case(
    name: str, centre: str, has_dvt: bool | None, fold: int | None, thrombi: Path | None
) -> None:
    case = Case(
        case=name,
        patient=name,
        modality=Modality.MR,
        image=Path("/other/image.nii"),
        thrombi=thrombi,
        has_dvt=has_dvt,
        centre=centre,
        fold=fold,
    )
    assert case_of_row(row_of_case(case, ROOT), ROOT) == case


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_survive_the_file(tmp_path: Path, suffix: str) -> None:
    case = Case('a "b", c', "p\n1", Modality.CT, ROOT / "i.nii", has_dvt=False)
    table = tmp_path / f"cohort{suffix}"
    write_rows([row_of_case(case, ROOT)] * 2, table)
    assert [dict(row) for _, row in read_rows(table)] == [row_of_case(case, ROOT)] * 2
    assert list(tmp_path.iterdir()) == [table]


def test_parquet_may_hold_numbers_and_truth_values(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = tmp_path / "cohort.parquet"
    columns = {
        "case": ["a"],
        "patient": [7],
        "modality": ["ct"],
        "image": ["i.nii"],
        "has_dvt": [True],
        "fold": [3],
    }
    parquet.write_table(pyarrow.table(columns), table)
    case = case_of_row(read_rows(table)[0][1], ROOT)
    assert (case.patient, case.has_dvt, case.fold, case.modality) == ("7", True, 3, Modality.CT)


def test_what_data_frames_write_is_understood() -> None:
    row = {"case": "a", "patient": "p", "modality": "CT", "image": "i.nii", "has_dvt": "1.0"}
    case = case_of_row({**row, "fold": 2.0, "segments": float("nan"), "split": "nan"}, ROOT)
    assert (case.has_dvt, case.fold, case.segments, case.split) == (True, 2, None, "")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("has_dvt", "perhaps", "true, false or nothing"),
        ("fold", "-1", "0, 1, 2"),
        ("fold", "first", "first"),
        ("modality", "PET", "CT, MR"),
        ("image", " ", "no image"),
    ],
)
def test_values_that_mean_nothing_are_refused(column: str, value: str, message: str) -> None:
    row = {"case": "a", "patient": "p", "modality": "CT", "image": "i.nii", column: value}
    with pytest.raises(CohortError, match=message):
        case_of_row(row, ROOT)


def test_a_table_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00case")
    (tmp_path / "a.parquet").write_bytes(b"not parquet")
    for name in ("a.csv", "a.parquet"):
        with pytest.raises(CohortError, match=name):
            read_rows(tmp_path / name)


def test_a_column_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_text("case,patient,modality,image,patient\na,p,CT,i,q\n")
    with pytest.raises(CohortError, match="column 'patient' more than once"):
        read_rows(tmp_path / "cohort.csv")


def test_cells_that_may_stand_in_the_wrong_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_text("case,patient,modality,image\na,p,CT,i\nb,q,CT,i,x,y\n")
    (_, _), (number, row) = read_rows(tmp_path / "cohort.csv")
    assert number == 3
    with pytest.raises(CohortError, match="2 cells more .* 'x'"):
        case_of_row(row, ROOT)


def test_an_index_that_a_data_frame_wrote_is_told(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_text(",case,patient,modality,image\n0,a,p,CT,i\n")
    with pytest.raises(CohortError, match=r"a column without a name \(data frames"):
        read_rows(tmp_path / "cohort.csv")


@pytest.mark.parametrize(
    ("told", "has_dvt"),
    [("Positive", True), ("negative", False), ("Checked", True), ("Unchecked", False), ("T", True)],
)
def test_what_registries_write_of_a_diagnosis_is_read(told: str, has_dvt: bool) -> None:
    assert case_of_row(row(has_dvt=told), ROOT).has_dvt is has_dvt


@pytest.mark.parametrize(("told", "split"), [("Train", "train"), ("TEST ", "test")])
def test_splits_and_truths_are_read_as_people_write_them(told: str, split: str) -> None:
    row = {
        "case": "a",
        "patient": "p",
        "modality": "CT",
        "image": "i.nii",
        "split": told,
        "has_dvt": "Sí",
    }
    case = case_of_row(row, ROOT)
    assert (case.split, case.has_dvt) == (split, True)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_are_read_as_spreadsheets_of_all_countries_write_them(
    tmp_path: Path, mark: str, encoding: str, end: str
) -> None:
    lines = [
        ["case", "patient", "modality", "image", "has_dvt", ""],
        ["a", "Jürgen", "CT", "i.nii", "WAHR", ""],
        ["", "", "", "", "", ""],
        ["b", '"x, y; z"', "MR", "j.nii", "0,0" if mark != "," else "0.0"],
    ]
    text = end.join(mark.join(line) for line in lines) + end * 2
    (tmp_path / "cohort.csv").write_bytes(text.encode(encoding))
    rows = read_rows(tmp_path / "cohort.csv")
    assert [number for number, _ in rows] == [2, 4]
    one, two = (case_of_row(row, ROOT) for _, row in rows)
    assert (one.patient, one.has_dvt) == ("Jürgen", True)
    assert (two.patient, two.has_dvt) == ("x, y; z", False)


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a\\b", "a\nb", "/etc/x"])
def test_a_case_whose_name_would_lead_elsewhere_is_refused(name: str) -> None:
    row = {"case": name, "patient": "p", "modality": "CT", "image": "i.nii"}
    with pytest.raises(CohortError, match="cannot name a file"):
        case_of_row(row, ROOT)


@pytest.mark.parametrize("missing", ["NA", "N/A", "NULL", "#N/A", "None"])
def test_what_statistics_programs_write_for_nothing_is_nothing(missing: str) -> None:
    row = {"case": "a", "patient": "p", "modality": "CT", "image": "i.nii"}
    case = case_of_row(row | dict.fromkeys(("has_dvt", "fold", "split", "thrombi"), missing), ROOT)
    assert (case.has_dvt, case.fold, case.split, case.thrombi) == (None, None, "", None)
    with pytest.raises(CohortError, match="has no patient: a, CT, i.nii"):
        case_of_row(row | {"patient": missing}, ROOT)


def test_tables_of_excel_and_of_windows_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "i.nii").touch()
    (tmp_path / "cohort.csv").write_text("sep=;\nCase;PATIENT;Modality;Image\na;p;CT;a\\i.nii\n")
    ((number, row),) = read_rows(tmp_path / "cohort.csv")
    assert number == 3
    assert case_of_row(row, tmp_path).image == tmp_path / "a" / "i.nii"
    (tmp_path / "cohort.csv").write_bytes(b"PK\x03\x04" + bytes(50))
    with pytest.raises(CohortError, match="is an Excel workbook"):
        read_rows(tmp_path / "cohort.csv")


def test_a_table_in_another_encoding_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_bytes("case;patient\na;Jürgen".encode("latin-1"))
    with pytest.raises(CohortError, match=r"not UTF-8 text \(byte 16\): save it as \"CSV UTF-8\""):
        read_rows(tmp_path / "cohort.csv")
    (tmp_path / "cohort.csv").write_text('case,patient,modality,image\n"a,p,CT,i\nb,q,CT,i\n')
    with pytest.raises(CohortError, match="unexpected end of data"):
        read_rows(tmp_path / "cohort.csv")


@pytest.mark.parametrize("name", ["cohort.csv", "cohort.parquet"])
def test_a_table_runs_no_formula_and_is_for_its_owner_alone(tmp_path: Path, name: str) -> None:
    row = dict.fromkeys(COLUMNS, "") | {"case": "=1+cmd", "patient": "-Doe", "modality": "CT"}
    row["image"] = "+49.nii"
    write_rows([row], tmp_path / name)
    assert [{**found} for _, found in read_rows(tmp_path / name)] == [row]
    if name.endswith(".csv"):
        assert "\n'=1+cmd,'-Doe,CT,'+49.nii," in (tmp_path / name).read_text(encoding="utf-8")
    if os.name != "nt":
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_patient_is_one_however_a_letter_is_spelt(tmp_path: Path) -> None:
    """u with two dots is one character, or two as file systems of macOS give it."""
    row = {"case": "a", "modality": "CT", "image": "a.nii"}
    spelt = [
        case_of_row({**row, "patient": patient}, tmp_path).patient
        for patient in ("M\u00fcller", "Mu\u0308ller")
    ]
    assert spelt[0] == spelt[1]


@pytest.mark.parametrize(
    ("one", "other"), [("12.0", "12"), ("12,0", "12"), ("p1\u200b", "p1"), ("ｐ１", "p1"),
     ("P\u20131", "P-1"), ("P\u20111", "P-1"), ("Doe,\n John", "Doe, John"), ("Doe,  John", "Doe, John")],
)  # fmt: skip
def test_a_patient_is_one_however_programs_write_it(one: str, other: str, tmp_path: Path) -> None:
    cases = [case_of_row(row(patient=name), tmp_path) for name in (one, other)]
    assert cases[0].patient == cases[1].patient == other


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("patient", "1.23457E+11", "spreadsheet has shortened"),
        ("patient", "1,00E+05", "spreadsheet has shortened"),
        ("patient", "1.2e+11", "spreadsheet has shortened"),
        ("patient", "#REF!", "a formula failed"),
        ("centre", "#WERT!", "a formula failed"),
        ("case", "x" * 151, "up to 150 letters"),
        ("fold", "1_0", "has the fold '1_0'"),
        ("fold", "9" * 30, "has the fold"),
        ("fold", "20240131", "has the fold"),
    ],
)
def test_what_a_spreadsheet_broke_is_refused(
    column: str, value: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(CohortError, match=message):
        case_of_row(row(**{column: value}), tmp_path)


@pytest.mark.parametrize("name", ["3E2", "12.05", "1.2.3", "#1", "P-12.0"])
def test_names_that_look_a_little_like_it_stay(name: str, tmp_path: Path) -> None:
    assert case_of_row(row(patient=name), tmp_path).patient == name


def test_a_table_whose_columns_are_not_named_first_is_told_so(tmp_path: Path) -> None:
    table = tmp_path / "cohort.csv"
    for above in (",,Legs 2024,,\n", "# made by hand\n"):
        table.write_text(above + "case,patient,modality,image\na,b,CT,c.nii\n")
        with pytest.raises(CohortError, match="does not begin with the names of its columns"):
            read_rows(table)
    table.write_bytes("case,patient".encode("utf-16-be"))
    with pytest.raises(CohortError, match="UTF-16 without its mark"):
        read_rows(table)


@pytest.mark.parametrize("name", ["-", "?", "–", "...", "#NV", "n/a"])
def test_signs_alone_name_nobody(name: str) -> None:
    with pytest.raises(CohortError, match="has no patient"):
        case_of_row(row(patient=name), ROOT)
    assert case_of_row(row(centre=name), ROOT).centre == ""
    with pytest.raises(CohortError, match="has has_dvt '-'"):  # negative, or not known
        case_of_row(row(has_dvt="-"), ROOT)
