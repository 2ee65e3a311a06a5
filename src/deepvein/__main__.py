"""`python -m deepvein` is the `deepvein` command."""

from deepvein.cli.main import main

main()
