"""What axe-core says of every page and dialog, in both themes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from browser.site import log_in, open_page, shown, wait_saved
from deepvein.node.database.schema import ReviewRow

pytestmark = pytest.mark.slow

GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def axe():
    module = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="needs PyPI's axe-playwright-python (make peers)",
    )
    return module.Axe()


def grave(axe, page) -> list[str]:
    """What axe-core calls serious or critical, each with the first element that shows it."""
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in axe.run(page).response["violations"]
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious(chromium, site, axe, theme):
    page = open_page(chromium, site.address)
    page.evaluate("theme => localStorage.setItem('deepvein:theme', theme)", theme)
    page.reload()
    page.get_by_label("Password").wait_for()
    found = {"log-in": grave(axe, page)}
    log_in(page)
    page.locator("tbody tr").nth(1).wait_for()
    found["work list"] = grave(axe, page)
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    found["keys"] = grave(axe, page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Dashboard").click()
    page.locator(".drift").wait_for()
    found["dashboard"] = grave(axe, page)
    assert page.get_by_text("nothing in these weeks").count() == 2  # nobody has signed anything
    page.goto(f"{site.address}/studies/{site.first}")
    shown(page)
    page.locator(".straight canvas").wait_for()
    found["study"] = grave(axe, page)
    page.keyboard.press("r")
    page.locator(".reasons").wait_for()
    found["reasons"] = grave(axe, page)
    page.keyboard.press("1")
    page.locator(".finding.rejected").wait_for()
    found["rejected"] = grave(axe, page)
    page.keyboard.press("s")
    page.get_by_label("Family name").wait_for()
    found["signature"] = grave(axe, page)
    page.keyboard.press("Escape")
    wait_saved(page)
    with site.database.writing() as session:
        session.scalars(select(ReviewRow)).one().version += 1
    page.keyboard.press("a")
    page.get_by_role("alert").wait_for()
    found["conflict"] = grave(axe, page)
    assert {place: said for place, said in found.items() if said} == {}
    assert page.complaints == []
