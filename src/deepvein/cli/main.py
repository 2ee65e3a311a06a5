"""The `deepvein` command: one subcommand a file, listed here."""

from __future__ import annotations

from typing import Annotated

import typer

from deepvein._version import __version__
from deepvein.cli import (
    backup,
    bundle,
    cohort,
    evaluate,
    export,
    inspect,
    models,
    networks,
    phantom,
    recipes,
    report,
    reproduce,
    retry,
    screen,
    serve,
    status,
    train,
    tune,
    users,
)
from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.wording import PlainGroup
from deepvein.core.errors import UsageError
from deepvein.core.plugins import ask_for

app = typer.Typer(
    name="deepvein",
    cls=PlainGroup,
    help="Screen the legs for deep vein thrombosis in CT and MR venography.\n\n"
    "Research use only; not a medical device.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

app.command("screen", epilog=EXIT_CODES)(command(screen.screen))
app.command("inspect", epilog=EXIT_CODES)(command(inspect.inspect))
app.command("report", epilog=EXIT_CODES)(command(report.report))
app.command("serve", epilog=EXIT_CODES)(command(serve.serve))
app.command("status", epilog=EXIT_CODES)(command(status.status))
app.command("retry", epilog=EXIT_CODES)(command(retry.retry))
app.command("backup", epilog=EXIT_CODES)(command(backup.backup))
app.command("restore", epilog=EXIT_CODES)(command(backup.restore))
app.command("export", epilog=EXIT_CODES)(command(export.export))
app.add_typer(users.app, name="users")
app.add_typer(phantom.app, name="phantom")
app.add_typer(cohort.app, name="cohort")
app.command("train", epilog=EXIT_CODES)(command(train.train))
app.command("tune", epilog=EXIT_CODES)(command(tune.tune))
app.add_typer(reproduce.app, name="reproduce")
app.command("evaluate", epilog=EXIT_CODES)(command(evaluate.evaluate))
app.command("bundle", epilog=EXIT_CODES)(command(bundle.bundle))
app.add_typer(models.app, name="models")
app.command("recipes", epilog=EXIT_CODES)(command(recipes.recipes))
app.command("networks", epilog=EXIT_CODES)(command(networks.networks))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deepvein {__version__}")
        raise typer.Exit


def _print_schema(wanted: bool) -> None:
    if wanted:
        from importlib.resources import files

        schema = files("deepvein") / "reports" / "schema" / "findings-1.json"
        typer.echo(schema.read_text(encoding="utf-8"), nl=False)
        raise typer.Exit


def _ask_for(plugins: list[str] | None) -> None:
    if plugins:
        try:
            ask_for(tuple(plugins))
        except UsageError as error:
            raise typer.BadParameter(str(error)) from None


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            help="Print the JSON Schema of findings.json.",
            callback=_print_schema,
            is_eager=True,
        ),
    ] = False,
    plugins: Annotated[
        list[str] | None,
        typer.Option(
            "--import",
            metavar="FILE.py|MODULE",
            help="Import networks, losses, recipes, readers or report writers of your own; may be given "
            "several times.",
            callback=_ask_for,
            show_default=False,
        ),
    ] = None,
) -> None:
    del version, schema, plugins


def main() -> None:
    """Entry point of the console script."""
    app()
