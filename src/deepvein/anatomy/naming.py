"""Veins and thrombi as people name them in their segmentations, and as coded terms name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from deepvein.anatomy.veins import TERMS, Side, VeinSegment

_SIDES = {
    Side.LEFT: {
        "left", "l", "lt", "lle", "li", "links", "linke", "linkes", "linker", "sin", "sn", "sx", "sinister",
        "sinistra", "sinistro", "gauche", "izquierda", "izquierdo", "izq", "izqda", "esquerda", "esquerdo",
        "esq", "vanster", "venstre", "左", "левая", "левой",
    },
    Side.RIGHT: {
        "right", "r", "rt", "rle", "re", "rechts", "rechte", "rechtes", "rechter", "dex", "dx", "dexter",
        "dextra", "destra", "destro", "droite", "droit", "derecha", "derecho", "dcha", "direita", "direito",
        "dir", "hoger", "hojre", "右", "правая", "правой",
    },
}  # fmt: skip
_SIGNS = re.compile(r"([左右])")
"""Stand for a word each, without blanks around them."""
# The first that fits: what is more special stands before what is more general.
_VEINS: tuple[tuple[str, VeinSegment], ...] = (
    (
        r"\bivc\b|\bvci\b|inferior vena cava|(vena|veine|veia|v) cav[ae] inf|hohlvene|下大静脈|下腔静脉",
        VeinSegment.INFERIOR_VENA_CAVA,
    ),
    (
        r"\bciv\b|common iliac|iliac vena|ilia\w+ (comm?un\w*|comum|primiti\w+)|総腸骨静脈|髂总静脉",
        VeinSegment.COMMON_ILIAC,
    ),
    (
        r"\beiv\b|external iliac|ilia\w+ e[xs]tern\w*|外腸骨静脈|髂外静脉",
        VeinSegment.EXTERNAL_ILIAC,
    ),
    (
        r"\biiv\b|internal iliac|ilia\w+ intern\w*|h?[yi]pogastri|内腸骨静脈|髂内静脉",
        VeinSegment.INTERNAL_ILIAC,
    ),
    (
        r"\bcfv\b|common femoral|femoral\w* (comm?un\w*|comum)|総大腿静脈|股总静脉",
        VeinSegment.COMMON_FEMORAL,
    ),
    (
        r"\b[dp]fv\b|deep femoral|femoral\w* (deep|prof[ou]nd\w*)|profunda|大腿深静脈|深大腿静脈|股深静脉",
        VeinSegment.DEEP_FEMORAL,
    ),
    (r"\bs?fv\b|femoral|大腿静脈|股静脉|股浅静脉", VeinSegment.FEMORAL),
    (r"\bpopv?\b|poplite|膝窩静脈|腘静脉", VeinSegment.POPLITEAL),
    (
        r"\batv\b|anterior tibial|tibial\w* (anterior|anteriore|anterieure)\b|前脛骨静脈|胫前静脉",
        VeinSegment.ANTERIOR_TIBIAL,
    ),
    (
        r"\bptv\b|posterior tibial|tibial\w* (posterior|posteriore|posterieure)\b|後脛骨静脈|胫后静脉",
        VeinSegment.POSTERIOR_TIBIAL,
    ),
    (
        r"\bperv?\b|peroneal|peronea|peroniere|peronier\b|fibular|fibulaire|腓骨静脈|腓静脉",
        VeinSegment.PERONEAL,
    ),
    (r"\bgasv\b|gastrocnemi|腓腹静脈|腓肠肌静脉", VeinSegment.GASTROCNEMIUS),
    (r"\bsolv\b|soleal|soleaire|ヒラメ静脈|比目鱼肌静脉", VeinSegment.SOLEAL),
    (
        r"\bgsv\b|(great|greater|long|grande|gran) (saphen|safen)|grande veine saphen|"
        r"(saphen|safen)\w+ (magn|intern|grande)|大伏在静脈|大隐静脉",
        VeinSegment.GREAT_SAPHENOUS,
    ),
    (
        r"\bssv\b|(small|lesser|short|petite|piccola|pequena) (saphen|safen)|petite veine saphen|"
        r"(saphen|safen)\w+ (parva|e[xs]tern|menor|pequena)|小伏在静脈|小隐静脉",
        VeinSegment.SMALL_SAPHENOUS,
    ),
)
_TARGET = re.compile(
    r"\b(i?gtv|ctv|itv|hr ?ctv|ptv\d)\w*\b|\b\d+ ?(c?gy )?ptv\b|\bptv[a-z]? (\w+ )*?(\d+\w*|c?gy|boost|opt\w*|"
    r"eval|ring|high|mid|low|nodes?|nodal|tumou?r|total|minus|margin|exp\w*)\b"
)  # fmt: skip
_DOSE = re.compile(r"\b\d{2,}\b|\d ?c?gy\b")
"""Volumes of radiotherapy: of the tumour, clinical, internal, and the planning target volume with its dose."""
_VEIN = re.compile(
    r"\bvei?ns?\b|\bvena|\bvenen?\b|\bveines?\b|\bveias?\b|\biliac|saphen|safen|tibial|\bv\b|静脈|静脉|정맥|\bвен"
)
_NO_VEIN = re.compile(
    r"arter|\ba\b|mus[ck]|\bbone|knochen|nerv|femur|lymph|linf|vein wall|動脈|动脉|동맥|артер"
)
_OTHER = re.compile(
    r"arter|\baort|mus[ck]|knochen|nerv|femur|lymph|linf|vein wall|動脈|动脉|동맥|артер|^external$|"
    r"\b(liver|spleen|kidneys?|bladder|prostate|uterus|bowel|colon|heart|lungs?|pancreas|stomach|"
    r"fat|skin|body|hips?|sacrum|patella|tibia|fibula|bones?|legs?|cysts?|ha?ematoma|tumou?r|stent|catheter|"
    r"filter|metal|implant|prosthesis|background|ignored?)\b"
)
_THROMBUS = re.compile(
    r"thromb|\btromb|\bclots?\b|\b(dvt|tvp|tvt)\b|filling defect|caillot|\bcoagul[oi]s?\b|gerinnsel|"
    r"fullungsdefekt|defaut de remplissage|difett[oi] di riempimento|defectos? de (llenado|replecion)|"
    r"falhas? de enchimento|血栓|혈전|тромб"
)
_NAMED = r"(\w*(thromb|tromb)|clots?\b|(dvt|tvp|tvt)\b|caillot|coagul[oi]|gerinnsel|filling defect)"
_NONE_OF_IT = re.compile(
    r"\b(no|not|non|without|free of|w o|kein\w*|ohne|sans|pas de|sin|senza|sem|geen|zonder|nessun\w*|"
    rf"ningun\w*|negative for)\b( \w+){{0,2}} {_NAMED}|\b(thromb\w*|trombo\w*|clots?|dvt|tvp|tvt) "
    r"(free|negative|frei|libre|libero)\b|thrombusfrei|[无無]\w{0,2}血栓|血栓(なし|無し|阴性|陰性)"
)
_BY_CODE = {term.code: segment for segment, term in TERMS.items()}
_SIDE_BY_CODE = {side.code: side for side in Side if side.code}


def vein_named(name: str) -> tuple[VeinSegment, Side] | None:
    """The vein that a free text such as `Left popliteal vein` or `FV_r` names; None if it names none.

    The vena cava lies in the midline; a vein without a side is on side UNKNOWN. The old name superficial
    femoral vein is the femoral vein.
    """
    text = words_in(name)
    if _NO_VEIN.search(text) or names_target(name):
        return None
    for pattern, segment in _VEINS:
        if re.search(pattern, text):
            midline = segment is VeinSegment.INFERIOR_VENA_CAVA
            return segment, Side.MIDLINE if midline else side_named(name)
    return None


def names_vein(name: str) -> bool:
    """Whether a free text speaks of a vein, be it one that `vein_named` knows or not."""
    text = words_in(name)
    return _VEIN.search(text) is not None and _NO_VEIN.search(text) is None


def names_other(name: str) -> bool:
    """Whether a free text names what is neither vein nor thrombus, such as `femur_left` and `ignore`."""
    other = _OTHER.search(words_in(name)) is not None or names_target(name)
    return other and not names_thrombus(name)


def names_target(name: str, beside: Iterable[str] = ()) -> bool:
    """Whether a free text names a volume of radiotherapy: `GTV`, `CTV_50`, `PTV 60Gy`, `PTV_1` without a side.

    `PTV` alone is the posterior tibial vein, unless other names `beside` it are such volumes; before a vein and
    its side, as in `CTV_left_FV`, CTV is CT venography.
    """
    text = words_in(name)
    if _VEIN.search(text):
        return False
    if re.search(r"\bptv", text) and side_named(name) is not Side.UNKNOWN:
        return _DOSE.search(text) is not None
    if _is_of_venography(text) and side_named(name) is not Side.UNKNOWN:
        return False
    alone = re.fullmatch(r"ptv( \w)?", text) is not None and any(map(names_target, beside))
    return alone or _TARGET.search(text) is not None


def _is_of_venography(text: str) -> bool:
    rest, count = re.subn(r"\bctv\b", " ", text)
    if not count or _DOSE.search(text) or _TARGET.search(rest) or re.search(r"\bnod", text):
        return False
    return any(re.search(pattern, rest) for pattern, _ in _VEINS)


def side_named(name: str) -> Side:
    """The side that a free text names, UNKNOWN for none or both."""
    # "sin" is left in Latin and without in Spanish.
    words = set(_SIGNS.sub(r" \1 ", _NONE_OF_IT.sub(" ", words_in(name))).split())
    found = [side for side, known in _SIDES.items() if words & known]
    return found[0] if len(found) == 1 else Side.UNKNOWN


def names_thrombus(name: str) -> bool:
    """Whether a free text names a thrombus: thrombus, thrombosis, clot, DVT, filling defect.

    `vein without clot`, `kein Thrombus` and `DVT-free` name none.
    """
    text = words_in(name)
    return _THROMBUS.search(text) is not None and _NONE_OF_IT.search(text) is None


def vein_coded(code: str, laterality: str = "") -> tuple[VeinSegment, Side] | None:
    """The vein of a SNOMED CT code, with the side of a laterality's code; None for any other code."""
    segment = _BY_CODE.get(code)
    if segment is None:
        return None
    if segment is VeinSegment.INFERIOR_VENA_CAVA:
        return segment, Side.MIDLINE
    return segment, _SIDE_BY_CODE.get(laterality, Side.UNKNOWN)


def words_in(name: str) -> str:
    """Words in lower case without accents, with single spaces: `LeftFemoral_Vein` is `left femoral vein`."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", unicodedata.normalize("NFKC", name))
    bare = unicodedata.normalize("NFKD", parted.lower().replace("ø", "o"))
    bare = "".join(one for one in bare if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", bare)).strip()
