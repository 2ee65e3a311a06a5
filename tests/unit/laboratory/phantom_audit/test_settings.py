import pytest

from deepvein.core.errors import SettingsError
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality


def test_its_name_tells_modality_and_level() -> None:
    assert AuditSettings(Modality.MR, "hard").name == "mr-hard"


@pytest.mark.parametrize("wrong", [{"n": 3}, {"workers": 0}, {"difficulty": "odd"}])
def test_what_cannot_be_audited_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=str(next(iter(wrong.values())))):
        AuditSettings(Modality.CT, **wrong)  # type: ignore[arg-type]
