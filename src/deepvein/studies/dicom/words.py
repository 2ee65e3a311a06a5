"""Words of series descriptions, as scanners and radiographers write them: in English, German, French, Spanish,
Italian, Portuguese and Dutch, a few of Polish, Czech, Hungarian, Croatian, Romanian, Turkish, Finnish and
Scandinavian languages, and of other scripts (see `translation`).

Free texts only hint at what a series is: they are read beside what the images themselves say. A word
that is not known changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from deepvein.studies.dicom.translation import in_latin

_INTRAVENOUS = re.compile(r"\bintra ?ven\w*")
"""The way of the contrast agent, not the vessels that are shown."""


_LETTERS = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
"""Letters that are no letter with an accent, and would be lost."""
_HUMPS = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")
_CAPITAL_FIRST = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z]{2})")
_CAPITALS = re.compile(r"(?<=[A-Z]{2})(?=[a-z]{3})")


def plain(text: str) -> str:
    """Lower case words without accents, divided by single blanks, for `Vocabulary.find`.

    `t1_fl3d_corVen` becomes `t1 fl3d cor ven`, `Venöse Phase/BECKEN` becomes `venose phase becken`.
    Where capitals run into small letters (`MIPcor`, `CTVenous`) both ways to part them are given.
    """
    humps = _HUMPS.sub(" ", in_latin(text))
    ways = dict.fromkeys((_CAPITAL_FIRST.sub(" ", humps), _CAPITALS.sub(" ", humps)))
    return " ".join(_folded(way) for way in ways)


def _folded(text: str) -> str:
    small = text.casefold().translate(_LETTERS).replace("+", " plus ")
    bare = unicodedata.normalize("NFKD", small)
    ascii_only = bare.encode("ascii", errors="ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", ascii_only))


@dataclass(frozen=True)
class Vocabulary:
    """Words or short phrases, divided by commas; `*` stands for further letters ("arter*, *venen*").
    Digits end a word."""

    words: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        each = (word.strip().replace("*", "[a-z]*") for word in self.words.split(","))
        return re.compile(rf"(?<![a-z])(?:{'|'.join(each)})(?![a-z])")

    def find(self, text: str) -> str:
        """The first of the words in a text made `plain`, empty if there is none."""
        found = self._pattern.search(text)
        return found.group() if found else ""

    def without(self, text: str) -> str:
        """The text without any of the words."""
        return self._pattern.sub(" ", text)


VENOUS = Vocabulary(
    "ven, vene, vena*, veno*, venou*, veneu*, vein*, *venen*, *venos*, *venoes*, phleb*, flebo*, ctv, mrv, "
    "dvt, tvt, tvp, portal*, pvp?, (?:v|ven) phase, equilibr*, nephrograph*, delay*, late, tardi*, "
    "spat, spate*, spatphase*, spaet*, retardo, aders, "
    "zyln[aey]*, zil(?:ni|ov)*, vensk*, laskimo*, toplardamar*, wrotn*, pozn[aey]*, pozdn*, "
    "opoznio*, opozden*, "
    "odlozen*, odroczon*, kesoi*, kasn[aeo]*, odgoden*, gec faz*, gecikm*, myoha*, viivast*, "
    "sen fas*, senfas*, "
    "forsinke*, fordroj*"
)
ARTERIAL = Vocabulary(
    "arter*, art, a phase, cta, run ?off*, aorta, aorto*, early, fruh*, frueh*, precoce*, "
    "tetnic*, tepen*, tepn[aeyo]*, valtimo*, wczesn*, korai, erken, varhai*, tidig*, rana faz*"
)
NATIVE = Vocabulary(
    "nativ*, ncct, smdc, unenh*, non enhanced, without (?:iv|cm|km|contrast*), non ?con, "
    "non ?contrast*, no contrast, ohne km, ohne kontrast*, vor km, leeraufnahme*, non injecte*, "
    "sans (?:injection|iv|pdc|contraste|produit), precontrast*, pre contrast*, nonenhanced, "
    "(?:sin|sem) (?:contraste|civ|iv|medio), basale?, senza (?:mdc|contrasto|mezzo), "
    "zonder contrast*, blanco, "
    "bez (?:kontr*|contrast*|srodka*|k l|kl|dozyln*), (?:prije|przed|pred) kontr*, natyw*, natiiv*, "
    "(?:kontraszt*|kontrasztanyag) nelkul*, ilman (?:kontr*|tehoste*|varjo*), kontrastsiz*, ilacsiz*, "
    "(?:kontrast*|ilac) oncesi, (?:utan|uden|uten) kontr*, fara (?:contrast*|substanta*)"
)
"""Plainly without contrast, whatever else is said."""

PERHAPS_NATIVE = Vocabulary("pre, nc, leer, blank, plain, w o, simple, vacio, s c")

ENHANCED = Vocabulary(
    "contrast*, kontrast*, gd, gado*, dota*, post, ce, cemr*, km, plus c, injecte*, "
    "avec injection, mdc, con (?:contraste|civ), com contraste, ven, veno*, venou*, vein*, *venen*, *venos*, "
    "kontraszt*, tehoste*, varjoaine*, ilacli, (?:po|z|s|se) kontr*, po srodku, po k l"
)
SCOUT = Vocabulary(
    "scout*, locali[sz]er*, lokali[sz]er*, loc, topogram*, surview*, survey*, scanogram*, reperage*, "
    "locali[sz]*dor*, locali[sz]*tore, escanogram*, topo, [u]e?bersicht*, pilot*"
)
TIMING = Vocabulary(
    "smart ?prep*, premonitor*, monitoring*, bolus ?track*, care ?bolus*, test ?bolus*, dose report"
)
PROJECTION = Vocabulary(
    "mips?, minips?, ray ?sum, proje[ck][ct]i*, projec*, proye[ck]c*, proiezion*, cpr, curved*, "
    "thick slab, thick mpr, mpr thick, vrt?, "
    "3d render*, volume render*, rotat*"
)
SOURCE_OF = Vocabulary("(?:for|fur|fuer|pour) (?:3d )?(?:mips?|vrt?|mpr)")
"""Thin slices from which others are made."""

RENDERING = Vocabulary("vrt?")
"""Also what scanners call the thin slices that a rendering is made of ("VRT 1.0 B20f")."""

SUBTRACTION = Vocabulary(
    "subs?, subtra[ck]*, subtr, soustra*, sustra[ck]*, sottra*, szubtra*, odecet*, vahennys*, suptra*"
)
WITHOUT_IODINE = Vocabulary(
    "vnc, vnca, vnia?, pure ?calcium, virtual non*, virtual (?:native*|unenhanced), virtuell* nativ*, "
    "(?:sans contraste|natif) virtuel*, water no iodine, wasser ohne iod"
)
MATERIAL = Vocabulary(
    "iodine (?:maps?|overlay|density|concentration|no water|water), "
    "[ij]od ?(?:map|karte*|bild*), cartes? (?:de |d )?iode, map*a (?:de |di |dello |do )?[iy]odi?o, "
    "md iodine, md water, z ?eff*, contrast enhanced structures, "
    "effective z, electron density, elektronendichte, rho z, uric acid, calcium suppress*, ca ?supp*, "
    "(?:iodine|hap|calcium) (?:water|fat|iodine|hap|calcium), (?:water|fat) (?:iodine|hap|calcium), "
    "fat fraction, perfusion map*, adc, t[12] map*, colou?r map*"
)
IODINE = Vocabulary(
    "iodine, iod, jod, iode, iodi?o, yodo, map, mapa, mappa, karte, carte, vue, (?:lung )?pbv, rho, gout, "
    "bone marrow, hard ?plaque*"
)
"""A map, if the images are derived; the contrast agent or a name, if they are original."""

WITHOUT_BONE = Vocabulary(
    "bones? ?(?:less|free|off|remov*|subtract*|suppress*|elim*), (?:remove|no|without|minus) ?bones?, "
    "(?:ohne|minus) knochen, knochen ?(?:entf*|frei*|subtr*|elim*), (?:sans|hors) os, os (?:enlev*|retir*), "
    "(?:sin|sem) (?:huesos?|osso), senza ossa"
)
"""Bones cut out by a program, and often what lies beside them."""

LEGS = Vocabulary(
    "legs?, extrem*, limbs?, femor*, femur*, thighs?, calf, calves, tibia*, knees?, pelvi*, "
    "iliac*, popl*, ankles?, dvt, tvt, tvp, *beine?, bein*, becken*, "
    "oberschenkel*, unterschenkel*, jambes?, membres? inf*, cuisses?, mollets?, bassin, "
    "konczyn* dol*, dolni* koncetin*, koncatin*, podudzi*, udow*, goleni*, lydk[aio], miednic*, "
    "stehn[oay], lytk*, "
    "panev, panve, also vegtag*, labszar*, medence*, alaraaja*, raajat, lantio*, alt ekstremite*, "
    "bacak*, baldir*, "
    "nedre ekstremitet*, underekstremitet*, underben*, backen, membr* inf*, coapsa, coapse, bazin*, donj* "
    "ekstremitet*, potkoljen*, natkoljen*, zdjelic*, ekstrem*, "
    "genoux?, piernas?, miembros? inf*, mmii, muslos?, pantorrilla*, rodillas?, arti inf*, gamb[ae], "
    "coscia, cosce, ginocchi*, bacino, pernas?, membros? inf*, coxas?, joelhos?, benen, bekken"
)
PELVIS = Vocabulary(
    "pelvi*, iliac*, becken*, bassin, bacino, bekken, miednic*, panev, panve, medence*, lantio*, "
    "backen, bazin*, "
    "zdjelic*"
)
"""Of these, the words that scans of the trunk bear as well."""

ELSEWHERE = Vocabulary(
    "head, brain, skull, neck, thorax, thorac*, chest, lungs?, heart, card*, liver, abdomen, "
    "pancreas, spine, breast, prostate, shoulders?, arm, wrist, hand, schadel, kopf, hals, "
    "tete, crane, poumons?, foie, rachis, coeur, cabeza, cabeca, torax, craneo, cranio, higado, fegato, "
    "cerebro, corazon, cuore, cuello, collo, klatk* piersiow*, glow[ay], pluc*, brzuch*, jam* brzusz*, szyi, "
    "hlav[ay], hrudnik*, plic[ei], bricho, koponya*, mellkas*, hasi, nyak*, keuhko*, vatsan*, "
    "rintakeh*, kaula*, "
    "toraks, akciger*, beyin, batin, boyun, lungor*, buken, hjarna*"
)
SHARP = Vocabulary("bone*, lung*, knochen*, osseux")
OTHER_MR = Vocabulary(
    "t2*, stir, tirm, haste, dwi, diff*, *tse, *fse, adc, b0, field ?map*, "
    "flair, tru[e]?fi*, fiesta, bffe, btfe, tof, qiss"
)


def phase(text: str) -> str:
    """'venous', 'arterial', 'native' or '' by the words of a description, however it is written."""
    told = _INTRAVENOUS.sub(" ", plain(text))
    if NATIVE.find(told):
        return "native"
    if VENOUS.find(told):
        return "venous"
    if PERHAPS_NATIVE.find(told):
        return "native"
    return "arterial" if ARTERIAL.find(told) else ""
