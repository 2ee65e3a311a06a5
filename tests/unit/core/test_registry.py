import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepvein.core.errors import UnknownNameError, UsageError
from deepvein.core.registry import Registry


@pytest.fixture
def fruits() -> Registry[int]:
    registry: Registry[int] = Registry("fruit")
    registry.add("pear", 2)
    registry.add("apple", 1)
    return registry


def test_names_come_in_the_order_of_registration(fruits: Registry[int]):
    assert fruits.names() == ("pear", "apple")
    assert list(fruits.items()) == [("pear", 2), ("apple", 1)]
    assert len(fruits) == 2
    assert "pear" in fruits
    assert "plum" not in fruits


def test_the_decorator_gives_back_what_it_registers(fruits: Registry[int]):
    def plum() -> None: ...

    registry: Registry[object] = Registry("maker")
    assert registry.register("plum")(plum) is plum
    assert registry.get("plum") is plum


def test_an_unknown_name_lists_the_known_ones_and_guesses(fruits: Registry[int]):
    with pytest.raises(UnknownNameError) as caught:
        fruits.get("aple")
    assert str(caught.value) == ("unknown fruit 'aple'; did you mean 'apple'? (known: pear, apple)")
    with pytest.raises(UnknownNameError, match="known: none"):
        Registry("stone").get("granite")


def test_a_name_taken_twice_is_an_error_of_ours(fruits: Registry[int]):
    with pytest.raises(UsageError, match="registered twice"):
        fruits.add("pear", 3)


def test_a_listed_file_is_imported_when_its_name_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "home_of_plums.py").write_text(
        "import sys\nsys.modules['orchard'].FRUITS.add('plum', 7)\n"
    )
    listed: Registry[int] = Registry("fruit", {"plum": "home_of_plums"})
    monkeypatch.setitem(sys.modules, "orchard", SimpleNamespace(FRUITS=listed))
    monkeypatch.syspath_prepend(tmp_path)
    listed.expect("fig", "home_of_figs")
    assert listed.names() == ("plum", "fig")
    assert "home_of_plums" not in sys.modules
    assert listed.get("plum") == 7
    assert listed.name_of(7) == "plum"
    assert listed.name_of(8) is None
