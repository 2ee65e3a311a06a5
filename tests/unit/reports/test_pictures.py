"""Reports of one screening share its pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.reports import overview, pictures
from deepvein.reports.overview import PAPER, SCREEN
from deepvein.reports.pictures import Pictures
from deepvein.reports.writing import write
from deepvein.studies.study import Modality
from unit.reports.legs import screening


def test_each_picture_is_drawn_once_for_all_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def counted(module: object, name: str) -> None:
        draw = getattr(module, name)

        def told(*given: object) -> object:
            drawn.append(name)
            return draw(*given)

        monkeypatch.setattr(module, name, told)

    counted(pictures, "key_images")
    counted(pictures, "level_images")
    counted(overview, "body")
    counted(overview, "vein_shadow")
    result = screening(Modality.CT)
    assert len(result.findings) == 1
    write(result, tmp_path, ("html", "pdf"))
    assert sorted(drawn) == ["body", "key_images", "level_images", "vein_shadow"]


def test_kept_pictures_are_those_that_a_report_alone_draws() -> None:
    result = screening(Modality.CT)
    kept = Pictures(result)
    for style in (SCREEN, PAPER, SCREEN):
        assert kept.overview(style) == overview.overview(result, style)
    assert kept.of_finding(0) is kept.of_finding(0)
    with pytest.raises(IndexError):
        kept.of_finding(len(result.findings))


def test_without_veins_a_finding_has_no_pictures() -> None:
    assert Pictures(replace(screening(Modality.CT), tree=None)).of_finding(0) == ()
