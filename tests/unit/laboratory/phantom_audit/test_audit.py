from dataclasses import fields, replace
from pathlib import Path

from deepvein.core import settings as storage
from deepvein.laboratory.phantom_audit import measurements
from deepvein.laboratory.phantom_audit.audit import RESULTS, Audit, Record, audit, audits
from deepvein.phantoms.plan import GENERATOR


def kept(made: Audit, folder: Path, generation: int | None = None) -> None:
    """Lay the audit's results on disk as if they had been measured."""
    results = folder / RESULTS
    for field in fields(made)[2:]:
        part: measurements.Part[object] = getattr(measurements, field.name.upper())
        part = replace(part, generation=generation or part.generation)
        part.kept(made.settings, results).save(getattr(made, field.name))
    storage.save(Record(made.settings, made.generator), results / made.settings.name / "audit.json")


def test_what_was_measured_comes_back_from_disk(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path, 99)
    assert audits(tmp_path) == (made,)


def test_a_whole_audit_is_not_measured_again(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path)
    again = audit(made.settings, tmp_path)
    assert again.blind == made.blind
    assert again.generator == str(GENERATOR)


def test_an_audit_that_is_not_whole_is_left_out(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path)
    (tmp_path / RESULTS / made.settings.name / "blind.json").unlink()
    assert audits(tmp_path) == ()
