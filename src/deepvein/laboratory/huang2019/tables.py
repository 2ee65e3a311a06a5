"""Our side of Tables 1 and 2, and one table for each question beyond them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np

from deepvein.evaluation.statistics import PairedTest, Summary, bootstrap, compare, summary
from deepvein.evaluation.tables import Table
from deepvein.laboratory.huang2019.results import PatientResult, column, mean_of

Rows = Sequence[PatientResult]
_LEVELS = (("Proximal DVT", "_proximal"), ("Distal DVT", "_distal"), ("All", ""))
_SCORES = ("dice", "precision", "recall")


def first_table(rows: Rows) -> Table:
    """DSC, precision and recall of the proposed network by level, as the paper's Table 1."""
    out: list[tuple[str, ...]] = []
    for name, ending in _LEVELS:
        found = [summary(column(rows, score + ending)) for score in _SCORES]
        unit = "patients" if not ending else level_unit(rows)
        out.append((f"{name} ({found[0].count} {unit})", "Mean ± SD", *map(str, found)))
        out.append(("", "Median", *(f"{one.median:.2f}" if one.count else "–" for one in found)))
        out.append(("", "Range", *(_range(one) for one in found)))
    return Table("Table 1", ("", "", "DSC", "Precision", "Recall"), tuple(out))


def level_unit(rows: Rows) -> str:
    """What scores by level are counted in: lesions where no patient has two at one level, else patients."""
    levels = [np.isfinite(column(rows, f"dice{ending}")).sum() for _, ending in _LEVELS if ending]
    return "lesions" if column(rows, "lesions").sum() == sum(levels) else "patients"


def second_table(results: Mapping[str, Rows], names: Mapping[str, str], proposed: str) -> Table:
    """The networks compared, as the paper's Table 2, with raw and Holm's p of the DSC.

    results: rows by network; names: what the table calls them, in its order. Patients are paired with
    those of `proposed`; those that one of the two has not been tested on are left out of the test.
    """
    tests = compared(results, proposed)
    out = []
    for key, label in names.items():
        if key not in results:
            continue
        dice, precision, recall = (summary(column(results[key], score)) for score in _SCORES)
        test = tests.get(key)
        p = ("–", "–") if test is None else (p_value(test.p), p_value(test.p_holm))
        cells = (str(dice), *p, _range(dice), str(precision), _range(precision), str(recall))
        out.append((label, str(dice.count), *cells, _range(recall)))
    columns = (
        "Algorithm", "Patients", "DSC", "p", "p (Holm)", "Range", "Precision", "Range", "Recall", "Range",
    )  # fmt: skip
    return Table("Table 2", columns, tuple(out))


def beyond_table(results: Mapping[str, Rows], names: Mapping[str, str]) -> Table:
    """What the field asks beyond the paper's three scores."""
    out = []
    for key, label in names.items():
        if key not in results:
            continue
        rows = results[key]
        dice = column(rows, "dice")

        def mean(chosen: np.ndarray, values: np.ndarray = dice) -> float:
            return mean_of(values[chosen])

        interval = bootstrap(mean, [row.patient for row in rows])
        lesions, found = column(rows, "lesions").sum(), column(rows, "lesions_found").sum()
        out.append(
            (
                label,
                f"{interval:.2f}",
                _of(rows, "hd95_mm", 1),
                _of(rows, "assd_mm", 1),
                _of(rows, "volume_error_ml", 2),
                f"{int(found)} of {int(lesions)}",
                f"{column(rows, 'false_positives').mean():.1f}",
                f"{column(rows, 'seconds').mean():.3f}",
            )
        )
    columns = (
        "Algorithm", "DSC (95 % interval)", "HD95, mm", "Mean surface distance, mm", "Volume error, ml",
        "Lesions found", "False positives a patient", "Seconds a slice",
    )  # fmt: skip
    return Table("Beyond the paper's scores", columns, tuple(out))


def question_table(title: str, results: Mapping[str, Rows], names: Mapping[str, str]) -> Table:
    """One experiment: each condition against the first of `names`, on the patients that both have."""
    first = next(iter(names))
    out = []
    base = {row.case: row for row in results.get(first, ())}
    shared = {row.case for key in names if key != first for row in results.get(key, ())}
    kept = {key: [row for row in results.get(key, ()) if row.case in shared] for key in names}
    tests = compared({key: rows for key, rows in kept.items() if rows}, first) if base else {}
    for key, label in names.items():
        rows = kept[key]
        if not rows:
            continue
        test = tests.get(key)
        out.append(
            (
                label,
                str(len(rows)),
                *(str(summary(column(rows, score))) for score in _SCORES),
                str(summary(column(rows, "dice_proximal"))),
                str(summary(column(rows, "dice_distal"))),
                "–" if test is None else p_value(test.p),
                "–" if test is None else p_value(test.p_holm),
            )
        )
    columns = (
        "", "Patients", "DSC", "Precision", "Recall", "DSC proximal", "DSC distal", "p", "p (Holm)",
    )  # fmt: skip
    return Table(title, columns, tuple(out))


def centre_table(held_out: Rows, inside: Rows) -> Table:
    """Each centre by a network that has seen only the others, and centre A by one that has seen it."""
    out = []
    for centre in sorted({row.centre for row in held_out}):
        rows = [row for row in held_out if row.centre == centre]
        seen = [row for row in inside if row.centre == centre]
        within = str(summary(column(seen, "dice"))) if seen else "–"
        scores = (str(summary(column(rows, score))) for score in _SCORES)
        out.append((f"Centre {centre}", str(len(rows)), *scores, within))
    columns = (
        "Left out of training", "Patients", "DSC", "Precision", "Recall", "DSC with the centre in training",
    )  # fmt: skip
    return Table("Leave one centre out", columns, tuple(out))


def compared(results: Mapping[str, Rows], proposed: str) -> dict[str, PairedTest]:
    """Paired Wilcoxon tests of the DSC of `proposed` against each other, with Holm's correction."""
    if proposed not in results:
        return {}
    cases = sorted({row.case for rows in results.values() for row in rows})
    values = {
        key: [{row.case: row.dice for row in rows}.get(case, float("nan")) for case in cases]
        for key, rows in results.items()
    }
    return compare(values.pop(proposed), dict(values))


def p_value(p: float) -> str:
    """As journals print it; a dash for NaN."""
    if isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _range(found: Summary) -> str:
    return f"{found.lowest:.2f}–{found.highest:.2f}" if found.count else "–"


def _of(rows: Rows, name: str, digits: int) -> str:
    found = summary(column(rows, name))
    note = "" if found.count == len(rows) else f" (n = {found.count})"
    return f"{found:.{digits}f}{note}" if found.count else "–"
