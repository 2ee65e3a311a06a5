"""Each published experiment as named recipes; importing this registers all of them, without torch."""

from deepvein.laboratory import huang2019, kozemzak2019
from deepvein.training import RECIPES

__all__ = ["RECIPES", "huang2019", "kozemzak2019"]
