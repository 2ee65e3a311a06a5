"""Legs drawn from tables of anatomy, for tests of models alone; `study.legs` makes them."""
