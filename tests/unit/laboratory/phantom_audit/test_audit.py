import json
from dataclasses import fields
from pathlib import Path

from deepvein.core import settings as storage
from deepvein.laboratory.phantom_audit import measurements
from deepvein.laboratory.phantom_audit.audit import RESULTS, Audit, Record, audit, audits


def kept(made: Audit, folder: Path, digest: str | None = None) -> None:
    """Lay the audit's results on disk as if they had been measured."""
    place = folder / RESULTS / made.settings.name
    place.mkdir(parents=True)
    for field in fields(made)[2:]:
        part: measurements.Part[object] = getattr(measurements, field.name.upper())
        record = {
            "digest": digest or part.digest(made.settings),
            "result": storage.to_dict(getattr(made, field.name)),
        }
        (place / f"{field.name}.json").write_text(json.dumps(record))
    storage.save(Record(made.settings, made.generator), place / "audit.json")


def test_what_was_measured_comes_back_from_disk(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path, "another")
    assert audits(tmp_path) == (made,)


def test_a_whole_audit_is_not_measured_again(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path)
    again = audit(made.settings, tmp_path)
    assert again.blind == made.blind
    assert again.generator == measurements.generator_digest()


def test_an_audit_that_is_not_whole_is_left_out(made: Audit, tmp_path: Path) -> None:
    kept(made, tmp_path)
    (tmp_path / RESULTS / made.settings.name / "blind.json").unlink()
    assert audits(tmp_path) == ()
