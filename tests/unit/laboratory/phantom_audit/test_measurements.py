from dataclasses import replace
from pathlib import Path
from typing import Any

from deepvein.core.kept import Terms
from deepvein.core.progress import silent
from deepvein.laboratory.phantom_audit import measurements
from deepvein.laboratory.phantom_audit.extents import Extents, summarised
from deepvein.laboratory.phantom_audit.painted_studies import Source
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality

SETTINGS = AuditSettings(Modality.CT, n=6)


def test_what_lies_on_disk_is_not_measured_again(tmp_path: Path) -> None:
    calls = []

    def measure(source: Source) -> Extents:
        calls.append(source.settings)
        return summarised([])

    part = measurements.Part("extents", Extents, measure)
    first = part.get(Source(SETTINGS, silent), tmp_path)
    assert part.get(Source(SETTINGS, silent), tmp_path).people == first.people
    assert len(calls) == 1
    part.get(Source(AuditSettings(Modality.CT, n=8), silent), tmp_path)
    assert len(calls) == 2


def test_a_damaged_file_is_measured_again(tmp_path: Path) -> None:
    part = measurements.Part("extents", Extents, lambda source: summarised([]))
    path = part.kept(SETTINGS, tmp_path).path
    path.parent.mkdir()
    path.write_text("{")
    assert part.stored(SETTINGS, tmp_path) is None
    assert part.get(Source(SETTINGS, silent), tmp_path).people == 0


def test_workers_do_not_change_what_is_measured_but_generations_do(tmp_path: Path) -> None:
    def terms(part: measurements.Part[Any], settings: AuditSettings = SETTINGS) -> Terms:
        return part.kept(settings, tmp_path).terms

    two = AuditSettings(Modality.CT, n=6, workers=2)
    assert terms(measurements.BLIND) == terms(measurements.BLIND, two)
    assert terms(measurements.BLIND) != terms(measurements.NEIGHBOURS)
    assert terms(replace(measurements.BLIND, generation=9)) != terms(measurements.BLIND)
