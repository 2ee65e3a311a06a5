import json

import pytest

from deepvein.core import settings
from deepvein.core.errors import ModelError
from deepvein.screening.bundle import BUNDLE_FILE, Bundle, bundle_for, bundled, load_bundle
from deepvein.studies.study import Modality
from unit.laboratory.cards.test_card import BUNDLE


def test_a_bundle_survives_its_file(tmp_path):
    settings.save(BUNDLE, tmp_path / BUNDLE_FILE)
    found = load_bundle(tmp_path)
    assert found.bundle == BUNDLE
    assert found.localiser == tmp_path / "localiser"


def test_a_folder_without_a_bundle_is_an_error(tmp_path):
    with pytest.raises(ModelError, match=r"holds no bundle\.json"):
        load_bundle(tmp_path)


def test_an_unknown_key_is_an_error(tmp_path):
    values = settings.to_dict(BUNDLE) | {"colour": "red"}
    (tmp_path / BUNDLE_FILE).write_text(json.dumps(values))
    with pytest.raises(ModelError, match="colour"):
        load_bundle(tmp_path)


@pytest.mark.parametrize("text", [b"{", b"[]", b"\xff", b""])
def test_what_is_no_bundle_is_bad_input(tmp_path, text):
    """Whoever called the command rightly reads that the file is damaged, not that the call was wrong."""
    (tmp_path / BUNDLE_FILE).write_bytes(text)
    with pytest.raises(ModelError, match=r"bundle\.json does not describe a bundle") as told:
        load_bundle(tmp_path)
    assert told.value.exit_code == 3


@pytest.mark.parametrize("modality", Modality)
def test_each_modality_has_a_bundle_that_says_what_it_was_measured_on(modality):
    found = bundle_for(modality)
    assert isinstance(found.bundle, Bundle)
    assert found in bundled()
    assert found.bundle.measured[0].cases > 0
    assert "synthetic" in found.card.read_text(encoding="utf-8")
    for folder in (found.localiser, found.segmenter):
        assert (folder / "model.safetensors").stat().st_size <= 16e6
