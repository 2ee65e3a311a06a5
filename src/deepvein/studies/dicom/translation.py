"""Words of descriptions in scripts other than Latin, as the English words that vocabularies know."""

from __future__ import annotations

import re
import unicodedata

_WORDS = {
    # Japanese and Chinese, which divide no words: longer ones come before those that they hold.
    "非造影|造影前|単純|单纯|平扫|平掃": "nonenhanced",
    "静脈|静脉|靜脈": "venous",
    "動脈|动脉": "arterial",
    "遅延|延迟|延遲|平衡": "delayed",
    "位置決め|定位像|スカウト": "scout",
    "差分|減算|减影|減影|サブトラクション": "subtraction",
    "最大値投影|最大密度投影": "mip",
    "ヨード|碘": "iodine",
    "造影|增强|增強": "contrast",
    "下肢|下腿|大腿|小腿": "leg",
    "骨盤|骨盆": "pelvis",
    # Korean
    "조영 ?전|비조영": "nonenhanced",
    "정맥": "venous",
    "동맥": "arterial",
    "지연": "delayed",
    "조영": "contrast",
    "하지|다리": "leg",
    "골반": "pelvis",
    # Russian and its neighbours: stems, whatever their ends
    r"без ?контраст\w*|натив\w*|бесконтраст\w*|безконтраст\w*": "nonenhanced",
    r"веноз\w*|вен\b": "venous",
    r"артер\w*": "arterial",
    r"отсроч\w*|відстроч\w*|отложен\w*|касна\b": "delayed",
    r"топограмм?\w*|скаут\w*|локалаизер\w*": "scout",
    r"субтракц\w*|вычитан\w*": "subtraction",
    r"контраст\w*": "contrast",
    r"иод\w*": "iodine",
    r"нижни\w* конечност\w*|голен\w*|бедр\w*|бедер\w*": "leg",
    r"таз\b|таза\b": "pelvis",
    # Greek, without accents as above, and with one sigma
    r"φλεβ\w*|πυλαι\w*": "venous",
    r"αρτηρι\w*": "arterial",
    r"καθυστερ\w*|οψιμ\w*|ισορροπ\w*": "delayed",
    r"(?:χωρισ|ανευ|προ) σκι\w*": "nonenhanced",
    r"σκιαγραφ\w*": "contrast",
    r"κατω ακρ\w*|κνημ\w*|μηρ\w*": "leg",
    r"πυελ\w*|λεκαν\w*": "pelvis",
    # Hebrew and Arabic
    r"ללא חומר\w*|بدون صبغ\w*|بدون تباين": "nonenhanced",
    r"\w*וריד\w*|\w*وريدي\w*|أوردة|اوردة": "venous",
    r"\w*עורקי\w*|\w*شرياني\w*": "arterial",
    r"מאוחר\w*|متأخر\w*": "delayed",
}  # fmt: skip
_KNOWN = [(re.compile(words), f" {english} ") for words, english in _WORDS.items()]


def in_latin(text: str) -> str:
    """`text` with the words of other scripts that are known here in English; what is not known stays."""
    if text.isascii():
        return text
    out = unicodedata.normalize("NFKC", text)
    if not any(_is_other(letter) for letter in out):
        return text
    out = "".join(_bare(letter) if _is_other(letter) else letter for letter in out)
    for pattern, english in _KNOWN:
        out = pattern.sub(english, out)
    return out


def _bare(letter: str) -> str:
    """A letter of Greek or Cyrillic in lower case and without accent; others as they are."""
    if letter >= "\u0530":
        return letter
    return unicodedata.normalize("NFD", letter.casefold())[:1]


def _is_other(letter: str) -> bool:
    """True for Greek, Cyrillic and what stands behind them, but for Latin letters with accents."""
    return letter >= "\u0370" and not "\u1e00" <= letter <= "\u1eff"
