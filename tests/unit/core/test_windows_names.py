import pytest

from deepvein.core.windows_names import is_device, is_forbidden


@pytest.mark.parametrize(
    "name", ["con", "CON", "aux.nii", "nul.tar.gz", "Com1", "LPT9", "com¹", "con ."]
)
def test_devices_are_no_names(name: str) -> None:
    assert is_device(name)
    assert is_forbidden(name)


@pytest.mark.parametrize("name", ["a:b", "P1.", "P1 ", "who?", 'a"b', "a|b", "x\ty"])
def test_signs_that_windows_forbids(name: str) -> None:
    assert not is_device(name)
    assert is_forbidden(name)


@pytest.mark.parametrize(
    "name", ["contrast", "P1", "aux_1", "com10", "lpt", "1.2.840.1", "Größe", "a.con", ".x"]
)
def test_other_names_are_free(name: str) -> None:
    assert not is_forbidden(name)
