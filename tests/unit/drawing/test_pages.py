import pytest
from jinja2 import UndefinedError

from deepvein.drawing.pages import environment, slug


def test_the_page_of_a_room_finds_the_common_style() -> None:
    made = environment("laboratory")
    assert made.get_template("reproduction.html")
    assert "main {" in made.get_template("page.css").render()


def test_text_is_escaped_and_none_may_be_missing() -> None:
    template = environment("reports").from_string("<p>{{ text }}</p>")
    assert template.render(text="a < b") == "<p>a &lt; b</p>"
    with pytest.raises(UndefinedError):
        template.render()


def test_slugs() -> None:
    assert slug("(a) Darkest vein, 90 %") == "a-darkest-vein-90"
    assert slug("–") == ""
