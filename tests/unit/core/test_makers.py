from __future__ import annotations

import subprocess
import sys

import deepvein
from deepvein.core.makers import MAKERS


def test_the_package_enters_the_makers_without_bringing_them_in() -> None:
    assert deepvein.__version__
    assert MAKERS.names() == ("phantom",)
    code = (
        "import sys, deepvein.core.makers; "
        "sys.exit(any(name.startswith('deepvein.phantoms') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_maker_has_what_the_protocol_says() -> None:
    for name in MAKERS.names():
        maker = MAKERS.get(name)()
        assert callable(maker.key)
        assert callable(maker.make)
