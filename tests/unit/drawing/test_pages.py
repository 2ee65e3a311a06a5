import pytest
from jinja2 import UndefinedError

from deepvein.drawing.pages import environment, slug

ROOMS = [("laboratory", "reproduction"), ("reports", "report")]


@pytest.mark.parametrize(("room", "name"), ROOMS)
def test_pages_of_all_rooms_find_the_common_style(room: str, name: str) -> None:
    made = environment(room)
    assert made.get_template(f"{name}.html")
    assert "main {" in made.get_template("page.css").render()


def test_text_is_escaped_and_none_may_be_missing() -> None:
    template = environment("reports").from_string("<p>{{ text }}</p>")
    assert template.render(text="a < b") == "<p>a &lt; b</p>"
    with pytest.raises(UndefinedError):
        template.render()


def test_slugs() -> None:
    assert slug("(a) Darkest vein, 90 %") == "a-darkest-vein-90"
    assert slug("–") == ""
