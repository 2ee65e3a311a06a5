"""What computes a network's answers, one engine a file; naming them imports none of the files."""

from deepvein.inference.engines.engine import ENGINES, Engine, engine_named

__all__ = ["ENGINES", "Engine", "engine_named"]
