"""Kinds of thrombus as people name them: acute and chronic, occlusive and partial."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepvein.anatomy.naming import names_thrombus, words_in

_ACUTE = re.compile(r"(acute|akut(e[rs]?)?|aigue?|agud[oa]|acut[oa]|fresh|frische?[rs]?)")
_CHRONIC = re.compile(r"(chronic|chronisch(e[rs]?)?|chronique|cronic[oa])")
_BETWEEN = re.compile(r"sub(acute|akut(e[rs]?)?|aigue?|agud[oa]|acut[oa])")
_OCCLUSIVE = re.compile(
    r"(occlusive|occluding|occluded|occlusi[fv][ea]?|o[ck]lusiv[oa]|okklusiv(e[rs]?)?|verschliessend(e[rs]?)?)"
)
_PARTIAL = re.compile(
    r"(partial(ly)?|partielle?[rs]?|partiel|parcial|parziale|non(occlusive|occluding|okklusiv))"
)
_KINDS = (_ACUTE, _CHRONIC, _BETWEEN, _OCCLUSIVE, _PARTIAL)
_JOINED = re.compile(r"\b(non|sub) (?=[ao])")


@dataclass(frozen=True)
class ThrombusKind:
    """acute, occlusive: None where a name does not say it, or says both. alone: the name says nothing else, so
    that several thrombi may bear it."""

    acute: bool | None = None
    occlusive: bool | None = None
    alone: bool = False

    @property
    def text(self) -> str:
        """Such as `acute occlusive`; `subacute` where it is neither."""
        age = {True: "acute", False: "chronic", None: ""}[self.acute]
        filling = {True: "occlusive", False: "partial", None: ""}[self.occlusive]
        return f"{age} {filling}".strip() or "subacute"


def kind_named(name: str) -> ThrombusKind | None:
    """The kind of thrombus that a free text such as `chronic` or `acute clot 2` names; None for none."""
    words = _JOINED.sub(r"\1", words_in(name)).split()
    acute, chronic, between, occlusive, partial = (
        any(kind.fullmatch(word) for word in words) for kind in _KINDS
    )
    if not (acute or chronic or between or occlusive or partial):
        return None
    alone = all(
        names_thrombus(word) or any(kind.fullmatch(word) for kind in _KINDS) for word in words
    )
    return ThrombusKind(
        acute=None if acute is chronic or between else acute,
        occlusive=None if occlusive is partial else occlusive,
        alone=alone,
    )
