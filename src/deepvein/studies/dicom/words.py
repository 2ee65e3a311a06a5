"""Words of series descriptions, as scanners and radiographers write them in English, German and French.

Free texts only hint at what a series is: they are read beside what the images themselves say. A word
that is not known changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

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
    humps = _HUMPS.sub(" ", text)
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
    "ven, vena*, veno*, venou*, vein*, *venen*, *venos*, *venoes*, phleb*, flebo*, ctv, mrv, "
    "dvt, tvt, tvp, portal*, pvp, delay*, late, tardi*, spat, spate*, spatphase*, spaet*"
)
ARTERIAL = Vocabulary("arter*, art, cta, run ?off*, aorta, aorto*, early, fruh*, frueh*, precoce*")
NATIVE = Vocabulary(
    "nativ*, non ?con, non ?contrast*, no contrast, unenhanced, without contrast*, ohne km, "
    "ohne kontrast*, vor km, leeraufnahme*, non injecte*, "
    "sans (?:injection|iv|pdc|contraste|produit), precontrast*, pre contrast*"
)
"""Plainly without contrast, whatever else is said."""

PERHAPS_NATIVE = Vocabulary("pre, blank, plain, w o")

ENHANCED = Vocabulary(
    "contrast*, kontrast*, gd, gado*, dota*, post, ce, cemr*, km, plus c, injecte*, "
    "avec injection, ven, veno*, venou*, vein*, *venen*, *venos*"
)
SCOUT = Vocabulary(
    "scout*, locali[sz]er*, lokali[sz]er*, loc, topogram*, surview*, survey*, scanogram*, reperage*"
)
TIMING = Vocabulary(
    "smart ?prep*, premonitor*, monitoring*, bolus ?track*, care ?bolus*, test ?bolus*, dose report"
)
PROJECTION = Vocabulary(
    "mips?, minips?, ray ?sum, projection*, thick slab, thick mpr, mpr thick, vrt?, "
    "3d render*, volume render*, rotat*"
)
SOURCE_OF = Vocabulary("(?:for|fur|fuer|pour) (?:3d )?(?:mips?|vrt?|mpr)")
"""Thin slices from which others are made."""

RENDERING = Vocabulary("vrt?")
"""Also what scanners call the thin slices that a rendering is made of ("VRT 1.0 B20f")."""

SUBTRACTION = Vocabulary("subs?, subtra[ck]t*, subtr, soustra*")
WITHOUT_IODINE = Vocabulary(
    "vnc, vnca, virtual non*, virtual (?:native*|unenhanced), virtuell* nativ*, "
    "(?:sans contraste|natif) virtuel*, water no iodine, wasser ohne iod"
)
MATERIAL = Vocabulary(
    "iodine (?:maps?|overlay|density|concentration|no water|water), "
    "[ij]od ?(?:map|karte*|bild*), cartes? (?:de |d )?iode, md iodine, md water, z ?eff*, "
    "effective z, electron density, elektronendichte, uric acid, calcium suppress*, "
    "fat fraction, perfusion map*, adc, t[12] map*, colou?r map*"
)
IODINE = Vocabulary("iodine, iod, jod, iode, map, karte, carte, vue")
"""A map, if the images are derived; the contrast agent or a name, if they are original."""

LEGS = Vocabulary(
    "legs?, extrem*, limbs?, femor*, femur*, thighs?, calf, calves, tibia*, knees?, pelvi*, "
    "iliac*, popl*, ankles?, dvt, tvt, tvp, *beine?, bein*, becken*, "
    "oberschenkel*, unterschenkel*, jambes?, membres? inf*, cuisses?, mollets?, bassin, "
    "genoux?"
)
ELSEWHERE = Vocabulary(
    "head, brain, skull, neck, thorax, thorac*, chest, lungs?, heart, card*, liver, abdomen, "
    "pancreas, spine, breast, prostate, shoulders?, arm, wrist, hand, schadel, kopf, hals, "
    "tete, crane, poumons?, foie, rachis, coeur"
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
