import pytest

from deepvein.studies.dicom import words
from deepvein.studies.dicom.words import Vocabulary, phase, plain


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("t1_fl3d_corVen", "t1 fl3d cor ven"),
        ("Venöse Phase/BECKEN", "venose phase becken"),
        ("Étage fémoral, tardif", "etage femoral tardif"),
        ("T1 +C  (Gd)", "t1 plus c gd"),
        ("LEGS", "legs"),
        ("", ""),
        ("\N{CJK UNIFIED IDEOGRAPH-9759}", ""),
        ("下肢静脈 120s", "leg venous 120s"),
    ],
)
def test_texts_are_made_plain(text, same):
    assert plain(text) == same


def test_words_end_at_digits_blanks_and_the_text():
    art = Vocabulary("art, run ?off*")
    assert art.find("art1min") == "art"
    assert art.find("aorta runoffs") == "runoffs"
    assert art.find("start artery part") == ""
    assert art.find("") == ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ct venography 120s", "venous"),
        ("venöse phase becken-bein", "venous"),
        ("legs delayed 3 min", "venous"),
        ("bein spaet", "venous"),
        ("Legs V-Phase 1.0", "venous"),
        ("VENE gamba", "venous"),
        ("PV legs", "venous"),
        ("Equilibrium 1.5", "venous"),
        ("Legs A-Phase 1.0", "arterial"),
        ("NCCT legs", "native"),
        ("NC legs", "native"),
        ("Non-enhanced", "native"),
        ("Spätphase", "venous"),
        ("indirect ctv", "venous"),
        ("t1_fl3d_cor_ven_1min", "venous"),
        ("corVen60s", "venous"),
        ("CTVenous", "venous"),
        ("Beinvenen 1.5", "venous"),
        ("temps veineux", "venous"),
        ("TARDIF_3min", "venous"),
        ("cta run-off legs", "arterial"),
        ("t1_fl3d_cor_art", "arterial"),
        ("CorArt", "arterial"),
        ("temps artériel", "arterial"),
        ("frühe Phase", "arterial"),
        ("aorto-femoral runoff arterial", "arterial"),
        ("arterial and venous", "venous"),
        ("nativ becken", "native"),
        ("Beinvenen nativ", "native"),
        ("sans injection", "native"),
        ("T1_PRE", "native"),
        ("non-contrast legs", "native"),
        ("legs w/o", "native"),
        ("legs 1.5 b30f", ""),
        ("legs with intravenous iodine", ""),
        ("FASE VENOSA MMII", "venous"),
        ("fase tardía 180 s", "venous"),
        ("fase arterial", "arterial"),
        ("TC miembros inferiores sin contraste", "native"),
        ("arti inferiori senza mdc", "native"),
        ("fase venosa arti inf", "venous"),
        ("sem contraste", "native"),
        ("blanco benen", "native"),
        ("造影CT 静脈相", "venous"),
        ("単純CT", "native"),
        ("动脉期", "arterial"),
        ("Венозная фаза", "venous"),
        ("нативная фаза", "native"),
        ("faza żylna", "venous"),
        ("Kończyny dolne, faza późna", "venous"),
        ("faza tętnicza", "arterial"),
        ("bez kontrastu", "native"),
        ("po kontraście", ""),
        ("venózní fáze", "venous"),
        ("žilní fáze DK", "venous"),
        ("tepenná fáze", "arterial"),
        ("bez k.l.", "native"),
        ("vénás fázis", "venous"),
        ("késői fázis", "venous"),
        ("artériás fázis", "arterial"),
        ("kontrasztanyag nélkül", "native"),
        ("laskimovaihe alaraajat", "venous"),
        ("Myöhäisvaihe", "venous"),
        ("valtimovaihe", "arterial"),
        ("ilman tehostetta", "native"),
        ("venöz faz", "venous"),
        ("GEÇ FAZ", "venous"),
        ("arteriyel faz", "arterial"),
        ("kontrastsız", "native"),
        ("venskā faza", "venous"),
        ("sen fas", "venous"),
        ("utan kontrast", "native"),
        ("fără contrast", "native"),
        ("φλεβική φάση", "venous"),
        ("καθυστερημένη φάση", "venous"),
        ("αρτηριακή", "arterial"),
        ("ΧΩΡΙΣ ΣΚΙΑΓΡΑΦΙΚΟ", "native"),
        ("χωρίς σκιαγραφικό", "native"),
        ("артеріальна фаза", "arterial"),
        ("פאזה ורידית", "venous"),
        ("الطور الوريدي", "venous"),
        ("convention", ""),
        ("combined legs", ""),
        ("iv dożylnie", ""),
        ("smart", ""),
        ("lateral spatial", ""),
    ],
)
def test_phases_by_the_words_that_are_used(text, named):
    assert phase(text) == named


@pytest.mark.parametrize(
    ("vocabulary", "hits", "misses"),
    [
        (
            words.SCOUT,
            ["Scout", "LOCALIZER_3pl", "3-plane localiser", "Topogram 0.6", "repérage"],
            ["legs"],
        ),
        (
            words.TIMING,
            ["CARE Bolus", "CareBolus", "Bolustracking", "smart_prep", "SmartPrep"],
            ["bolus"],
        ),
        (
            words.PROJECTION,
            ["mip cor", "ven_SUB_MIP_COR", "VRT", "legsMIPcor", "MPR_Thick"],
            ["mipi", "vrtx", "limp"],
        ),
        (
            words.SUBTRACTION,
            ["ven_SUB", "Subtraktion", "soustraction"],
            ["subcutaneous", "subsequent"],
        ),
        (
            words.MATERIAL,
            ["DE_Iodine_Map", "Jodkarte", "carte d'iode", "Z Effective"],
            ["iodine 370", "zone"],
        ),
        (
            words.WITHOUT_IODINE,
            ["DE_VNC", "Virtual Non Contrast", "virtuell nativ"],
            ["venc", "native"],
        ),
        (
            words.LEGS,
            [
                "leg",
                "both legs",
                "Lower_Extremity",
                "pelvis",
                "unterschenkel",
                "Beinvenen",
                "jambes",
            ],
            ["legal"],
        ),
        (words.ELSEWHERE, ["CHEST", "thorax", "brain", "abdomen"], ["arms-up legs", "venous"]),
        (words.OTHER_MR, ["cor_T2w", "STIR", "t1_tse", "TOF"], ["t1 fl3d", "profile"]),
        (words.ENHANCED, ["T1 +C", "post Gd", "KM"], ["kmh", "compost"]),
    ],
)
def test_words_that_count(vocabulary, hits, misses):
    assert [text for text in hits if not vocabulary.find(plain(text))] == []
    assert [text for text in misses if vocabulary.find(plain(text))] == []


@pytest.mark.parametrize(
    ("vocabulary", "texts"),
    [
        (
            words.SCOUT,
            ("Localizador", "localizzatore", "Übersicht", "Topo", "定位像", "Топограмма"),
        ),
        (words.SUBTRACTION, ("Sustracción", "sottrazione", "subtração", "減算", "SUBTRAKTION")),
        (words.PROJECTION, ("Proyección MIP", "proiezione", "Projektion", "CPR li", "最大値投影")),
        (words.MATERIAL, ("mapa de yodo", "mappa di iodio", "mapa de iodo", "Jodkarte")),
        (
            words.LEGS,
            (
                "piernas",
                "arti inferiori",
                "membros inferiores",
                "下肢",
                "нижние конечности",
                "kończyny dolne",
                "łydka",
                "dolní končetiny",
                "alsó végtag",
                "alaraajat",
                "alt ekstremite",
                "κάτω άκρα",
            ),
        ),
    ],
)
def test_words_of_several_languages_say_the_same(vocabulary, texts):
    assert [text for text in texts if not vocabulary.find(plain(text))] == []


@pytest.mark.parametrize(
    "text",
    ["venous legs 1.5 B30f", "Beinvenen", "t1_fl3d_cor", "jambes temps veineux", "pelvis 3.0"],
)
def test_common_names_are_taken_for_nothing_else(text):
    told = plain(text)
    for vocabulary in (words.SCOUT, words.SUBTRACTION, words.PROJECTION, words.MATERIAL):
        assert vocabulary.find(told) == ""
