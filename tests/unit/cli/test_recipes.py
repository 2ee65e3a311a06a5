import json
import subprocess
import sys

from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.laboratory import RECIPES

runner = CliRunner()


def test_json_lists_every_recipe_with_its_network_and_parameters() -> None:
    done = runner.invoke(app, ["recipes", "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == list(RECIPES.names())
    paper = next(row for row in rows if row["name"] == "huang2019/gn-unet")
    assert paper["task"] == "segmentation"
    assert paper["modality"] == "MR"
    assert paper["network"] == "gn-unet"
    assert paper["parameters"] == 7_765_409


def test_the_table_shows_every_name_whole() -> None:
    text = runner.invoke(app, ["recipes"]).stdout
    for name in RECIPES.names():
        assert f" {name} " in text
    assert "7,765,409" in text


def test_listing_needs_no_torch() -> None:
    code = (
        "import sys\nfrom deepvein.cli.main import app\n"
        "try: app(['recipes', '--json'])\nexcept SystemExit: pass\n"
        "raise SystemExit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
