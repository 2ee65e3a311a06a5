from pathlib import Path

import numpy as np

from deepvein.drawing.journal import figure, style
from deepvein.laboratory.phantom_audit.figures import picture, save, save_gallery


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with style():
            made = figure(40, 30)
            picture(made.subplots(), np.eye(8), 0, 1)
            save(made, tmp_path / name, "x")
            save_gallery(made, tmp_path / name, "x")
    for suffix in (".png", ".webp"):
        first, second = ((tmp_path / name / f"x{suffix}").read_bytes() for name in ("a", "b"))
        assert first == second
