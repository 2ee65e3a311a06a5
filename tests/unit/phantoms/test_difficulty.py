import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.difficulty import settings_at
from deepvein.phantoms.phantom import PhantomSettings


def test_clinical_is_the_default_everywhere() -> None:
    assert settings_at("clinical") == PhantomSettings()


def test_harder_levels_have_more_artefacts_and_shorter_thrombi() -> None:
    easy, usual, hard = (settings_at(name) for name in ("easy", "clinical", "hard"))
    assert easy.contrast.artefacts < usual.contrast.artefacts < hard.contrast.artefacts
    assert easy.distractors.varices < usual.distractors.varices < hard.distractors.varices
    assert easy.implants.fixation_share < usual.implants.fixation_share
    assert easy.disease.short_share < usual.disease.short_share < hard.disease.short_share


def test_an_unknown_level_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="easy, clinical, hard"):
        settings_at("brutal")
