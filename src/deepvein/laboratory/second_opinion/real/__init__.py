"""CT studies made of one person's real legs, for tests of models alone; `study.real_legs` makes them."""
