"""The pictures of a screening, each drawn once for all its reports."""

from __future__ import annotations

from functools import cached_property

from deepvein.drawing.picture import KeyImage
from deepvein.drawing.windows import Window, window_for
from deepvein.findings.screening import Screening
from deepvein.reports.key_images import key_images
from deepvein.reports.level_images import level_images
from deepvein.reports.overview import Backdrop, OverviewStyle, backdrop, overview


class Pictures:
    """Drawn when a report first asks for them, and kept as PNG for the next one.

    They show the images and the findings; remarks that reports add to a screening change none of them.
    """

    def __init__(self, screening: Screening) -> None:
        self._screening = screening
        self._of_findings: dict[int, tuple[KeyImage, ...]] = {}

    @cached_property
    def window(self) -> Window:
        """The grey values that sections show."""
        return window_for(self._screening.study.volume, self._screening.study.modality)

    @cached_property
    def levels(self) -> tuple[KeyImage, ...]:
        """Sections at the levels that a reader looks at first."""
        return level_images(self._screening, self.window)

    def of_finding(self, rank: int) -> tuple[KeyImage, ...]:
        """The pictures of the finding at `rank`, counted from 0; () without the veins that they follow.

        Raises IndexError if there are not so many findings.
        """
        prediction, tree = self._screening.prediction, self._screening.tree
        if prediction is None or tree is None:
            return ()
        if rank not in self._of_findings:
            finding = self._screening.findings[rank]
            self._of_findings[rank] = key_images(
                finding, self._screening.study, prediction, tree, self.window
            )
        return self._of_findings[rank]

    def overview(self, style: OverviewStyle) -> bytes:
        """A PNG of both legs from the front; styles share what lies behind the findings."""
        return overview(self._screening, style, self._backdrop)

    @cached_property
    def _backdrop(self) -> Backdrop:
        return backdrop(self._screening)
