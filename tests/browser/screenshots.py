"""`make screenshots`: pictures of the main pages for the README and the docs, of a world some days old.

python -m browser.screenshots docs/images
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser.conftest import program
from browser.filling import put
from browser.lived import FINANCE, SALES, lived
from browser.visitor import visitor

ALBA, OMAR, OLIVIA = "alba@acme.example", "omar@acme.example", "olivia@platform.example"
FORM = "/open/acme/create-workspaces"
WIDE, SMALL = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
MOST = 250_000
"""Bytes of a picture."""

PICTURES = (
    ("start", ALBA, "/", WIDE, "light"),
    ("open", OMAR, "/open/acme", WIDE, "light"),
    ("form", OMAR, FORM, WIDE, "light"),
    ("form-small", OMAR, FORM, SMALL, "dark"),
    ("summary", OMAR, FORM, WIDE, "light"),
    ("waiting", ALBA, f"/requests/acme/{SALES}", WIDE, "light"),
    ("waiting-small", ALBA, f"/requests/acme/{SALES}", SMALL, "light"),
    ("done", ALBA, f"/requests/acme/{FINANCE}", WIDE, "dark"),
    ("decide", ALBA, "/decide", WIDE, "light"),
    ("decide-small", ALBA, "/decide", SMALL, "dark"),
    ("access", ALBA, "/access", WIDE, "light"),
    ("operations", ALBA, "/operations", WIDE, "light"),
    ("ledger", ALBA, "/ledger", WIDE, "dark"),
    ("overview", OLIVIA, "/overview", WIDE, "light"),
    ("overview-dark", OLIVIA, "/overview", WIDE, "dark"),
)
"""Name, whose browser, page, size, and light or dark."""
TYPED = {"p.template": "win11-cad", "p.count": "4", "p.prefix": "cad", "reason": "Two designers and their trainees"}


def typed(one, name):
    """The form as it is filled in, and for the summary what it leads to."""
    for field, value in {**TYPED, "name": "designers-spring"}.items():
        put(one.page, field, value)
    one.page.locator("h1").click()
    if name == "summary":
        one.press("Go on to the summary").heading("Is this what you ask for?")


def take(one, folder, name, tallest):
    """The page from its top, as far down as it goes or the picture may."""
    tall = one.page.evaluate("document.documentElement.scrollHeight")
    size = one.page.viewport_size
    one.page.set_viewport_size({"width": size["width"], "height": min(tall, tallest)})
    path = folder / f"{name}.png"
    one.page.screenshot(path=path, animations="disabled")
    kilobytes = path.stat().st_size // 1000
    print(f"{path}: {size['width']} x {min(tall, tallest)}, {kilobytes} kB")  # noqa: T201 -- a script
    assert path.stat().st_size <= MOST, f"{path} has {kilobytes} kB"


def main(folder):
    """All of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as world,
        lived(Path(world), timedelta(hours=23), demo=True) as home,
        sync_playwright() as driver,
    ):
        chromium = driver.chromium.launch(executable_path=program())
        for name, who, path, size, scheme in PICTURES:
            with visitor(chromium, home, who, viewport=size, color_scheme=scheme) as one:
                one.page.clock.set_fixed_time(home.site.now())
                one.goto(path)
                if path == FORM:
                    typed(one, name)
                take(one, folder, name, 1250 if size is WIDE else 1300)
        with visitor(chromium, home, signed_in=False, viewport={"width": 760, "height": 740}) as reader:
            reader.page.set_content(home.mail(ALBA, SALES).get_body(("html",)).get_content())
            take(reader, folder, "mail", 740)
        chromium.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
