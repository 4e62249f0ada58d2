"""Pictures of a running site: a contact sheet of the main pages in every look, and those of the README.

uv run --group dev python -m tests.contact_sheet http://127.0.0.1:8000
"""

import io
import sys
from itertools import product
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM

PAGES = (
    "/",
    "/landscape/",
    "/timeline/",
    "/companies/?sector=robotics",
    "/companies/?view=table",
    "/companies/unitree/",
    "/challenges/",
    "/places/",
    "/compare/",
    "/companies/compare/?c=unitree&c=deep-robotics",
    "/search/?q=宇树",
    "/checked/",
    "/statements/?view=table",
)
FOLDER = Path(__file__).parent / "pictures"
WIDTHS, SCHEMES = (360, 768, 1280), ("light", "dark")
SHOWN = {
    "home": ("/", 1280, "light"),
    "landscape": ("/landscape/", 1280, "dark"),
    "record": ("/companies/unitree/", 360, "light"),
}
HEIGHT = 900
SCALE, GAP, LINE = 0.25, 12, 18
QUALITY = 60


def photograph(browser, address, width, scheme):
    """The first screen of a page, as a picture."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
    page.goto(address)
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    return picture


def sheet(browser, site):
    """A row for each page: every width in each scheme, side by side."""
    looks = list(product(SCHEMES, WIDTHS))
    widths = [round(width * SCALE) for _, width in looks]
    high = round(HEIGHT * SCALE)
    whole = Image.new(
        "RGB", (sum(widths) + GAP * (len(looks) + 1), (high + LINE + GAP) * len(PAGES)), "#8a8f8b"
    )
    draw = ImageDraw.Draw(whole)
    for row, path in enumerate(PAGES):
        left, top = GAP, row * (high + LINE + GAP)
        draw.text((left, top + 3), quote(path, safe="/?=&"), fill="#ffffff")
        for (scheme, width), wide in zip(looks, widths, strict=True):
            picture = photograph(browser, site + path, width, scheme)
            whole.paste(picture.convert("RGB").resize((wide, high), Image.LANCZOS), (left, top + LINE))
            left += wide + GAP
    return whole


def main(site):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        sheet(browser, site).save(FOLDER / "contact-sheet.webp", quality=QUALITY, method=6)
        for name, (path, width, scheme) in SHOWN.items():
            picture = photograph(browser, site + path, width, scheme)
            picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
