from __future__ import annotations

import json
import shutil

import pytest
from sqlalchemy import select

from deepvein.core.errors import InputError, ModelError, UsageError
from deepvein.node.audit import first_break
from deepvein.node.backup import back_up, restore
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import AuditRow
from deepvein.node.service import Service
from deepvein.node.store import Store
from deepvein.screening.bundle import BUNDLE_FILE, bundle_for
from deepvein.studies.study import Modality

CT = Modality.CT


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path)


@pytest.fixture
def other(tiny_bundle, tmp_path):
    """The tiny bundle under another version."""
    folder = tmp_path / "other"
    shutil.copytree(tiny_bundle.folder, folder)
    text = (folder / BUNDLE_FILE).read_text().replace('"version": "0"', '"version": "1"')
    (folder / BUNDLE_FILE).write_text(text)
    return folder


def version(service) -> str:
    return service.serving(CT).bundle.version


def deeds(database) -> list[str]:
    with database.reading() as session:
        assert first_break(session) is None
        return list(session.scalars(select(AuditRow.action)))


def test_what_comes_with_deepvein_serves_at_first(service):
    assert service.serving(CT) == bundle_for(CT)
    assert service.history(CT) == (bundle_for(CT),)


def test_a_bundle_serves_until_one_goes_back(service, database, tiny_bundle, other):
    service.promote(tiny_bundle.folder, database)
    assert version(service) == "0"
    service.promote(other, database)
    shutil.rmtree(other)  # the node has a copy
    assert version(service) == "1"
    assert service.serving(Modality.MR) == bundle_for(Modality.MR)
    assert [one.bundle.version for one in service.history(CT)][1:] == ["0", "1"]
    service.back(CT, database)
    assert version(service) == "0"
    service.back(CT, database)
    assert service.serving(CT) == bundle_for(CT)
    assert deeds(database) == ["promote models"] * 2 + ["go back models"] * 2
    with pytest.raises(UsageError, match="nothing to go back to"):
        service.back(CT, database)


def test_the_same_bundle_is_not_promoted_twice(service, database, tiny_bundle):
    service.promote(tiny_bundle.folder, database)
    with pytest.raises(UsageError, match="serves already"):
        service.promote(tiny_bundle.folder, database)
    assert deeds(database) == ["promote models"]


def test_a_bundle_that_lacks_weights_is_refused(service, database, other):
    (other / "segmenter" / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="holds no model.safetensors"):
        service.promote(other, database)
    with pytest.raises(ModelError, match="holds no bundle.json"):
        service.promote(other / "segmenter", database)
    assert service.serving(CT) == bundle_for(CT)
    assert deeds(database) == []


def test_a_promotion_that_cannot_be_recorded_does_not_count(service, database, tiny_bundle, other):
    service.promote(tiny_bundle.folder, database)

    class Refusing:
        def writing(self):
            raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        service.promote(other, Refusing())
    assert version(service) == "0"


def test_a_damaged_list_is_an_error_and_no_silent_return_to_other_models(service, tmp_path):
    (tmp_path / "models").mkdir()
    for content in ("{", json.dumps([])):
        (tmp_path / "models" / "service.json").write_text(content)
        with pytest.raises(InputError, match="service.json"):
            service.serving(CT)


def test_a_backup_holds_the_models_that_serve(service, database, tiny_bundle, tmp_path):
    service.promote(tiny_bundle.folder, database)
    back_up(database, Store(tmp_path), tmp_path / "backup")
    place = tmp_path / "again"
    place.mkdir()
    restored = open_database(database_url("", place))
    restore(tmp_path / "backup", restored, Store(place))
    restored.close()
    assert version(Service(place)) == "0"
