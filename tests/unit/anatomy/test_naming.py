import pytest

from deepvein.anatomy.naming import (
    names_other,
    names_target,
    names_thrombus,
    names_vein,
    side_named,
    vein_coded,
    vein_named,
)
from deepvein.anatomy.veins import TERMS, Side, VeinSegment


@pytest.mark.parametrize(
    ("name", "segment", "side"),
    [
        ("Left popliteal vein", VeinSegment.POPLITEAL, Side.LEFT),
        ("LeftPoplitealVein", VeinSegment.POPLITEAL, Side.LEFT),
        ("FV_r", VeinSegment.FEMORAL, Side.RIGHT),
        ("superficial femoral vein (R)", VeinSegment.FEMORAL, Side.RIGHT),
        ("v. femoralis communis li", VeinSegment.COMMON_FEMORAL, Side.LEFT),
        ("PFV-L", VeinSegment.DEEP_FEMORAL, Side.LEFT),
        ("inferior_vena_cava", VeinSegment.INFERIOR_VENA_CAVA, Side.MIDLINE),
        ("common iliac vein left", VeinSegment.COMMON_ILIAC, Side.LEFT),
        ("Lesser saphenous vein", VeinSegment.SMALL_SAPHENOUS, Side.UNKNOWN),
        ("right and left soleal veins", VeinSegment.SOLEAL, Side.UNKNOWN),
    ],
)
def test_names_as_people_write_them(name, segment, side):
    assert vein_named(name) == (segment, side)
    assert names_vein(name) or name in {"FV_r", "PFV-L"}


@pytest.mark.parametrize(
    ("name", "segment", "side"),
    [
        ("Veine fémorale commune gauche", VeinSegment.COMMON_FEMORAL, Side.LEFT),
        ("veine poplitée droite", VeinSegment.POPLITEAL, Side.RIGHT),
        ("veine iliaque externe D / droite", VeinSegment.EXTERNAL_ILIAC, Side.RIGHT),
        ("grande veine saphène gauche", VeinSegment.GREAT_SAPHENOUS, Side.LEFT),
        ("Vena poplítea izquierda", VeinSegment.POPLITEAL, Side.LEFT),
        ("vena iliaca común derecha", VeinSegment.COMMON_ILIAC, Side.RIGHT),
        ("vena femorale profonda sx", VeinSegment.DEEP_FEMORAL, Side.LEFT),
        ("vena femorale dx", VeinSegment.FEMORAL, Side.RIGHT),
        ("veia tibial posterior esquerda", VeinSegment.POSTERIOR_TIBIAL, Side.LEFT),
        ("veine cave inférieure", VeinSegment.INFERIOR_VENA_CAVA, Side.MIDLINE),
        ("V. poplitea rechts", VeinSegment.POPLITEAL, Side.RIGHT),
        ("左大腿静脈", VeinSegment.FEMORAL, Side.LEFT),
        ("右腘静脉", VeinSegment.POPLITEAL, Side.RIGHT),
        ("vena poplitea derecha sin trombo", VeinSegment.POPLITEAL, Side.RIGHT),
    ],
)
def test_names_in_other_languages(name, segment, side):
    assert vein_named(name) == (segment, side)
    assert names_vein(name)


@pytest.mark.parametrize("segment", VeinSegment)
def test_every_vein_is_known_by_our_name_abbreviation_and_code(segment):
    term = TERMS[segment]
    side = Side.MIDLINE if segment is VeinSegment.INFERIOR_VENA_CAVA else Side.LEFT
    assert vein_named(f"left {term.name}") == (segment, side)
    assert vein_named(f"{term.abbreviation} left") == (segment, side)
    assert vein_coded(term.code, "7771000") == (segment, side)


@pytest.mark.parametrize("name", ["femoral artery left", "Femur_R", "Segment_1", "bladder", ""])
def test_what_is_no_vein_names_none(name):
    assert vein_named(name) is None
    assert not names_vein(name)


def test_a_vein_that_is_not_known_is_still_a_vein():
    assert vein_named("iliac_vein_left") is None
    assert names_vein("iliac_vein_left")
    # As TotalSegmentator calls the common iliac vein.
    assert vein_named("iliac_vena_left") == (VeinSegment.COMMON_ILIAC, Side.LEFT)
    assert vein_coded("1") is None


def test_thrombi_are_told_by_their_name():
    assert all(map(names_thrombus, ("Thrombus 1", "blood clot", "DVT_left", "venousThrombosis")))
    assert all(map(names_thrombus, ("left, thrombus", "thrombus not occluding", "Thrombus_no_2")))
    assert all(
        map(
            names_thrombus,
            ("Trombo 1", "trombosis", "caillot", "Coágulo", "Gerinnsel", "TVP", "TVT li"),
        )
    )
    assert all(map(names_thrombus, ("Füllungsdefekt", "défaut de remplissage", "左血栓", "Тромб")))
    assert not any(map(names_thrombus, ("clothing", "vein", "advt", "anticoagulated")))


@pytest.mark.parametrize(
    "name",
    [
        "no thrombus", "vein without clot", "NoThrombus", "kein_Thrombus", "V. poplitea ohne Thrombus",
        "thrombusfrei", "DVT-free", "DVT negative", "no acute DVT", "sans thrombus", "pas de thrombose",
        "sin trombo", "sem trombose", "nessun trombo", "trombo libre", "无血栓", "血栓なし",
    ],
)  # fmt: skip
def test_what_denies_a_thrombus_names_none(name):
    assert not names_thrombus(name)


def test_the_side_stands_alone_or_is_unknown():
    assert side_named("fv_LT") is Side.LEFT
    assert side_named("left, right") is side_named("lower") is Side.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "PTV_50",
        "PTV1",
        "PTV_1",
        "PTV 60Gy",
        "PTV_Boost",
        "PTVn_45",
        "50Gy PTV",
        "GTV",
        "GTVp",
        "CTV_high",
    ],
)
def test_volumes_of_radiotherapy_are_no_veins(name):
    assert vein_named(name) is None
    assert names_other(name)


@pytest.mark.parametrize("name", ["PTV_L", "left PTV 2", "PTV", "rPTV", "PTV vein 1", "PTV1 left"])
def test_posterior_tibial_veins_are_no_volumes_of_radiotherapy(name):
    assert not names_target(name)


def test_a_ptv_is_what_stands_beside_it():
    assert names_target("PTV", ["GTV", "PTV", "Femur_L"])
    assert not names_target("PTV", ["ATV", "PTV", "PerV"])
    assert not names_target("PTV_L", ["GTV", "PTV_L"])


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("CTV_left_FV", VeinSegment.FEMORAL),
        ("CTV popliteal_left", VeinSegment.POPLITEAL),
        ("left CFV CTV", VeinSegment.COMMON_FEMORAL),
        ("CTV_GSV_right", VeinSegment.GREAT_SAPHENOUS),
    ],
)
def test_ctv_beside_a_vein_and_its_side_is_ct_venography(name: str, segment: VeinSegment) -> None:
    found = vein_named(name)
    assert found is not None
    assert found[0] is segment
    assert not names_other(name)


@pytest.mark.parametrize("name", ["CTV left", "CTV_50 femoral left", "CTV nodes femoral left"])
def test_ctv_of_radiotherapy_is_no_vein(name: str) -> None:
    assert vein_named(name) is None
    assert names_target(name)
