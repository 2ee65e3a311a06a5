"""The tables of an audit: what was measured beside what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from deepvein.anatomy.veins import VeinSegment
from deepvein.evaluation.statistics import summary
from deepvein.evaluation.tables import Table, cell
from deepvein.laboratory.phantom_audit import blind, dark_reader, published
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.calibres import Calibre
from deepvein.laboratory.phantom_audit.charts import published_shades
from deepvein.laboratory.phantom_audit.comparisons import comparisons, contrasts
from deepvein.laboratory.phantom_audit.published import DIAMETER_MM, THROMBUS_MM, Range
from deepvein.laboratory.phantom_audit.tissues import Shade

_DASH = "–"


def reader_table(made: Sequence[Audit]) -> Table:
    """The cheap readers, a row each, a column for each audit."""
    rows = (
        ("(a) darkest vein, all veins", f"≤ {dark_reader.LIMIT:.2f}", "dark_reader.auroc"),
        ("(a) darkest vein, from the knee up", _DASH, "dark_reader.auroc_proximal"),
        ("(b) position by landmarks", "as expected", "position_reader.by_landmark"),
        ("(b) position in the scanned length", _DASH, "position_reader.by_height"),
        ("(b) expected from the anatomy of disease", _DASH, "position_reader.expected"),
        ("(c) everything except the veins", f"≤ {blind.LIMIT:.2f}", "blind.auroc"),
        ("(c) … of limbs that do not react", "0.50", "blind.without_reactions"),
        ("(d) one section", _DASH, "neighbours.one"),
        ("(d) eleven sections", _DASH, "neighbours.eleven"),
        ("(d) gain by the neighbours", "> 0", "neighbours.gain"),
        ("(e) mean loss at another centre", "> 0", "centres.mean_loss"),
    )
    return Table(
        "AUROC of the cheap readers, 95 % interval",
        ("reader", "should be", *(m.settings.name.replace("-", " ").upper() for m in made)),
        tuple((name, wanted, *(_estimate(m, place) for m in made)) for name, wanted, place in rows),
    )


def matched_filter_table(made: Sequence[Audit]) -> Table:
    """What noise alone hides, a row for each figure, a column for each audit."""
    found = [one.matched_filter for one in made]
    rows = (
        ("AUROC, one section", [f"{one.auroc:.3f}" for one in found]),
        ("… below the knee", [f"{one.auroc_calf:.3f}" for one in found]),
        ("signal to noise, median", [f"{one.snr.median:.1f}" for one in found]),
        ("thrombi hidden in all of their sections", [f"{one.hidden:.2f}" for one in found]),
        ("thrombi, people", [f"{one.thrombi}, {one.people}" for one in found]),
    )
    return Table(
        "A matched filter, 95 % interval",
        ("figure", *(m.settings.name.replace("-", " ").upper() for m in made)),
        tuple((name, *values) for name, values in rows),
    )


def _estimate(made: Audit, place: str) -> str:
    """Differences to three decimals, since they are small."""
    digits = 3 if place in ("neighbours.gain", "centres.mean_loss") else 2
    return f"{attrgetter(place)(made):.{digits}f}"


def shade_table(made: Audit) -> Table:
    """Attenuation or signal by structure."""
    known = published_shades(made.settings.modality)
    unit = made.tissues.unit
    return Table(
        f"{made.settings.modality.value}: {unit} by structure",
        ("structure", "studies", f"pixels, {unit}", "study means", "SD in a section", "published"),
        tuple(
            (
                _structure(shade),
                str(shade.studies),
                str(shade.pixels),
                str(shade.means),
                f"{shade.noise:.2f}",
                _range(
                    published.VEIN_HU.get(shade.kvp) if shade.kvp else known.get(shade.structure)
                ),
            )
            for shade in made.tissues.shades
        ),
    )


def _structure(shade: Shade) -> str:
    return shade.structure.value + (f", {shade.kvp} kVp" if shade.kvp else "")


def contrast_table(made: Audit) -> Table:
    """Noise in CT, ratios of median signals in MR."""
    return Table(
        f"{made.settings.modality.value}: contrast",
        ("figure", "phantoms", "published", "source"),
        tuple(
            (one.name, cell(one.value, 2), _range(one.known), one.known.source)
            for one in contrasts(made)
        ),
    )


def missed_table(made: Sequence[Audit]) -> Table:
    """The published figures that the phantoms miss, audit by audit; no row if they miss none."""
    found = [(audit.settings.name, one) for audit in made for one in comparisons(audit)]
    missed = [
        (name.replace("-", " "), one.name, cell(one.value, 2), _range(one.known), one.known.source)
        for name, one in found
        if one.missed
    ]
    return Table(
        f"Published figures that the phantoms miss: {len(missed)} of {len(found)}",
        ("phantoms", "figure", "their median or mean", "published", "source"),
        tuple(missed),
    )


def calibre_tables(made: Audit) -> tuple[Table, Table]:
    """Diameters of healthy veins and of acute thrombi by segment."""
    modality = made.settings.modality.value
    return (
        _calibres(f"{modality}: diameter of veins, mm", made.calibres.healthy, DIAMETER_MM),
        _calibres(
            f"{modality}: diameter of acute thrombi, front to back, mm",
            made.calibres.thrombosed,
            THROMBUS_MM,
        ),
    )


def _calibres(title: str, found: Sequence[Calibre], known: Mapping[VeinSegment, Range]) -> Table:
    rows = []
    for one in found:
        range_ = known.get(one.segment)
        rows.append(
            (
                one.segment.term.name,
                str(one.count),
                f"{one.median:.1f} ({one.p5:.1f}–{one.p95:.1f})",
                _range(range_),
                range_.source if range_ else _DASH,
            )
        )
    columns = ("segment", "count", "median (5th–95th percentile)", "published", "source")
    return Table(title, columns, tuple(rows))


def extent_table(made: Audit) -> Table:
    """Sides, places and sizes of thrombi."""
    e = made.extents
    whole = [one for one in e.thrombi if one.proximal]
    volumes = summary([one.volume_ml for one in e.thrombi])
    lengths = summary([one.length_cm for one in whole])
    segments = summary([float(one.segments) for one in whole])
    rows = (
        ("left, of unilateral", _percent(e.left_share), published.LEFT_SHARE),
        ("both sides", _percent(e.bilateral_share), published.BILATERAL_SHARE),
        ("calf alone", _percent(e.calf_share), published.CALF_SHARE),
        ("iliofemoral", _percent(e.iliofemoral_share), published.ILIOFEMORAL_SHARE),
        ("acute", _percent(e.acute_share), None),
        ("occlusive", _percent(e.occlusive_share), None),
        ("volume, ml, mean ± SD", f"{volumes:.1f}", published.VOLUME_ML),
        ("length of proximal thrombi, cm, median", f"{lengths.median:.1f}", published.LENGTH_CM),
        (
            "levels with thrombus of five, proximal, median",
            f"{segments.median:.0f}",
            published.SEGMENTS,
        ),
    )
    title = f"{made.settings.modality.value}: thrombi of {e.people} people with DVT"
    return Table(
        title,
        ("figure", "phantoms", "published", "source"),
        tuple(
            (name, value, _extent(known), known.source if known else _DASH)
            for name, value, known in rows
        ),
    )


def centre_table(made: Audit) -> Table:
    """What a network loses at another centre."""
    return Table(
        f"{made.settings.modality.value}: trained at one centre, tested at another",
        ("trained", "tested", "AUROC", "loss against its own centre"),
        tuple(
            (
                t.trained,
                t.tested,
                f"{t.auroc:.2f}",
                _DASH if t.trained == t.tested else f"{t.loss:.2f}",
            )
            for t in made.centres.transfers
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _extent(known: Range | None) -> str:
    if known is None or known.high > 1:
        return _range(known)
    low, high = round(100 * known.low), round(100 * known.high)
    return f"{low} %" if low == high else f"{low}–{high} %"


def _range(known: Range | None) -> str:
    if known is None:
        return _DASH
    middle = f"{known.middle:.4g}"
    return middle if known.low == known.high else f"{middle} ({known.low:.4g} to {known.high:.4g})"
