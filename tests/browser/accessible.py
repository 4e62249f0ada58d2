"""What axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe

# axe leaves out what WCAG 2.2 brought until it is told; and nothing needs to be fetched a second time.
OPTIONS = {"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}}
# What depends on the width of the window; these take a tenth of the time of all.
OF_LAYOUT = {"runOnly": ["target-size", "scrollable-region-focusable", "link-name", "label"]}


def violations(page, context="body", **options):
    """The rules of WCAG 2.2 AA, and of best practice, that a part of the page breaks."""
    return Axe().run(page, context=context, options=OPTIONS | options).response["violations"]
