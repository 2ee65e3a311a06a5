from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from deepvein.laboratory.huang2019 import published, tables
from deepvein.laboratory.huang2019.results import PatientResult


def row(case: str, dice: float, distal: float = float("nan"), centre: str = "A") -> PatientResult:
    return PatientResult(
        "models/x", "fold 0", case, case, centre, 90, 45, dice, dice, dice, dice, dice, dice,
        distal, distal, distal, 10.0, -1.0, 4.0, 1.0, 2, 1, 3, 0.1,
    )  # fmt: skip


def rows(values: list[float]) -> list[PatientResult]:
    return [row(f"c{k}", value, value / 2 if k else float("nan")) for k, value in enumerate(values)]


FIRST = [0.9, 0.8, 0.7, 0.6, 0.85, 0.75, 0.65, 0.5]
SECOND = [0.7, 0.75, 0.4, 0.61, 0.5, 0.45, 0.3, 0.2]


def test_table_1_by_level() -> None:
    single = [replace(one, lesions=1 + int(np.isfinite(one.dice_distal))) for one in rows(FIRST)]
    made = tables.first_table(single)
    assert made.rows[0][0] == "Proximal DVT (8 lesions)"
    assert made.rows[3][0] == "Distal DVT (7 lesions)"
    values = np.array(FIRST)
    assert made.rows[6][2] == f"{values.mean():.2f} ± {values.std(ddof=1):.2f}"
    assert made.rows[7][2] == f"{np.median(values):.2f}"
    assert made.rows[8][2] == "0.50–0.90"


def test_patients_with_two_lesions_at_a_level_are_counted_as_patients() -> None:
    made = tables.first_table(rows(FIRST))
    assert made.rows[0][0] == "Proximal DVT (8 patients)"
    nowhere = tables.first_table([row("a", 0.5)])
    assert [line[:3] for line in nowhere.rows[3:5]] == [
        ("Distal DVT (0 patients)", "Mean ± SD", "–"), ("", "Median", "–"),
    ]  # fmt: skip


def test_table_2_tests_pairs() -> None:
    results = {"a": rows(FIRST), "b": rows(SECOND), "c": rows(SECOND[::-1])}
    made = tables.second_table(results, {"b": "B", "c": "C", "a": "A"}, "a")
    p = stats.wilcoxon(np.array(FIRST) - np.array(SECOND)).pvalue
    by_name = {line[0]: line for line in made.rows}
    assert by_name["B"][3] == f"{p:.3f}"
    assert float(by_name["B"][4]) >= float(by_name["B"][3])
    assert by_name["A"][3:5] == ("–", "–")


def test_only_shared_patients_are_compared() -> None:
    results = {"a": rows(FIRST), "b": rows(SECOND[:4])}
    made = tables.question_table("Q", results, {"a": "A", "b": "B"})
    assert [line[1] for line in made.rows] == ["4", "4"]
    assert made.rows[0][2].startswith("0.75")


def test_beyond() -> None:
    made = tables.beyond_table({"a": rows(FIRST)}, {"a": "A", "b": "not run"})
    (line,) = made.rows
    assert line[5] == "8 of 16"
    assert line[6] == "3.0"
    assert line[1].startswith("0.72 (0.6")


def test_centres() -> None:
    held_out = [row("a", 0.5), row("b", 0.4, centre="B"), row("c", 0.2, centre="B")]
    made = tables.centre_table(held_out, [row("a", 0.7)])
    assert [line[0] for line in made.rows] == ["Centre A", "Centre B"]
    assert made.rows[0][-1] == "0.70 ± –"
    assert made.rows[1][2] == "0.30 ± 0.14"


@pytest.mark.parametrize(("p", "text"), [(0.0004, "< 0.001"), (0.012, "0.012"), (1.0, "1.000")])
def test_p_values(p: float, text: str) -> None:
    assert tables.p_value(p) == text


def test_published_tables() -> None:
    first, second = published.first_table(), published.second_table()
    assert first.rows[0][2:] == ("0.78 ± 0.12", "0.75 ± 0.14", "0.83 ± 0.12")
    assert first.rows[6][2] == second.rows[-1][1] == "0.74 ± 0.17"
    assert [line[1] for line in second.rows[:3]] == ["0.66 ± 0.15", "0.55 ± 0.20", "0.57 ± 0.22"]


def test_patients_without_dvt_lower_no_score_and_no_p_is_a_dash() -> None:
    healthy = row("well", float("nan"))
    results = {"a": [*rows(FIRST), healthy], "b": [healthy]}
    (line,) = tables.beyond_table({"a": results["a"]}, {"a": "A"}).rows
    assert line[1].startswith("0.72 (0.6")
    assert tables.first_table(results["a"]).rows[6][0] == "All (8 patients)"
    (_, other) = tables.second_table(results, {"a": "A", "b": "B"}, "a").rows
    assert other[2:5] == ("–", "–", "–")
