import pytest

from deepvein.anatomy.thrombus_kinds import ThrombusKind, kind_named


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("acute", ThrombusKind(True, None, True)),
        ("Chronic thrombus", ThrombusKind(False, None, True)),
        ("chronischer_Thrombus", ThrombusKind(False, None, True)),
        ("subacute", ThrombusKind(None, None, True)),
        ("sub-acute clot", ThrombusKind(None, None, True)),
        ("occlusive", ThrombusKind(None, True, True)),
        ("non-occlusive DVT", ThrombusKind(None, False, True)),
        ("nonocclusive", ThrombusKind(None, False, True)),
        ("partial", ThrombusKind(None, False, True)),
        ("acute occlusive thrombus", ThrombusKind(True, True, True)),
        ("acute on chronic", ThrombusKind(None, None, False)),
        ("acute thrombus 2", ThrombusKind(True, None, False)),
        ("left popliteal vein, chronic", ThrombusKind(False, None, False)),
        ("thrombus", None),
        ("thrombus 1", None),
        ("vein", None),
        ("", None),
    ],
)
def test_kinds_are_named_by_words(name: str, kind: ThrombusKind | None) -> None:
    assert kind_named(name) == kind
