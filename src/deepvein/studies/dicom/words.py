"""Words of series descriptions, as scanners and radiographers write them: in English, German, French, Spanish,
Italian, Portuguese and Dutch, and a few of other scripts (see `translation`).

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
    bare = unicodedata.normalize("NFKD", text.casefold().replace("+", " plus "))
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


VENOUS = Vocabulary(
    "ven, vene, vena*, veno*, venou*, vein*, *venen*, *venos*, *venoes*, phleb*, flebo*, ctv, mrv, "
    "dvt, tvt, tvp, portal*, pvp?, (?:v|ven) phase, equilibr*, nephrograph*, delay*, late, tardi*, "
    "spat, spate*, spatphase*, spaet*, retardo, aders"
)
ARTERIAL = Vocabulary(
    "arter*, art, a phase, cta, run ?off*, aorta, aorto*, early, fruh*, frueh*, precoce*"
)
NATIVE = Vocabulary(
    "nativ*, ncct, smdc, unenh*, non enhanced, without (?:iv|cm|km|contrast*), non ?con, "
    "non ?contrast*, no contrast, ohne km, ohne kontrast*, vor km, leeraufnahme*, non injecte*, "
    "sans (?:injection|iv|pdc|contraste|produit), precontrast*, pre contrast*, nonenhanced, "
    "(?:sin|sem) (?:contraste|civ|iv|medio), basale?, senza (?:mdc|contrasto|mezzo), "
    "zonder contrast*, blanco"
)
"""Plainly without contrast, whatever else is said."""

PERHAPS_NATIVE = Vocabulary("pre, nc, leer, blank, plain, w o, simple, vacio, s c")

ENHANCED = Vocabulary(
    "contrast*, kontrast*, gd, gado*, dota*, post, ce, cemr*, km, plus c, injecte*, "
    "avec injection, mdc, con (?:contraste|civ), com contraste, ven, veno*, venou*, vein*, *venen*, *venos*"
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

SUBTRACTION = Vocabulary("subs?, subtra[ck]*, subtr, soustra*, sustra[ck]*, sottra*")
WITHOUT_IODINE = Vocabulary(
    "vnc, vnca, virtual non*, virtual (?:native*|unenhanced), virtuell* nativ*, "
    "(?:sans contraste|natif) virtuel*, water no iodine, wasser ohne iod"
)
MATERIAL = Vocabulary(
    "iodine (?:maps?|overlay|density|concentration|no water|water), "
    "[ij]od ?(?:map|karte*|bild*), cartes? (?:de |d )?iode, map*a (?:de |di |dello |do )?[iy]odi?o, "
    "md iodine, md water, z ?eff*, contrast enhanced structures, "
    "effective z, electron density, elektronendichte, uric acid, calcium suppress*, "
    "fat fraction, perfusion map*, adc, t[12] map*, colou?r map*"
)
IODINE = Vocabulary("iodine, iod, jod, iode, iodi?o, yodo, map, mapa, mappa, karte, carte, vue")
"""A map, if the images are derived; the contrast agent or a name, if they are original."""

LEGS = Vocabulary(
    "legs?, extrem*, limbs?, femor*, femur*, thighs?, calf, calves, tibia*, knees?, pelvi*, "
    "iliac*, popl*, ankles?, dvt, tvt, tvp, *beine?, bein*, becken*, "
    "oberschenkel*, unterschenkel*, jambes?, membres? inf*, cuisses?, mollets?, bassin, "
    "genoux?, piernas?, miembros? inf*, mmii, muslos?, pantorrilla*, rodillas?, arti inf*, gamb[ae], "
    "coscia, cosce, ginocchi*, bacino, pernas?, membros? inf*, coxas?, joelhos?, benen, bekken"
)
ELSEWHERE = Vocabulary(
    "head, brain, skull, neck, thorax, thorac*, chest, lungs?, heart, card*, liver, abdomen, "
    "pancreas, spine, breast, prostate, shoulders?, arm, wrist, hand, schadel, kopf, hals, "
    "tete, crane, poumons?, foie, rachis, coeur, cabeza, cabeca, torax, craneo, cranio, higado, fegato, "
    "cerebro, corazon, cuore, cuello, collo"
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
