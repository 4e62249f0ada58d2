"""What reviewers would have to look for in every change: layers, sizes, gates, and what templates hold."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(path for folder in ("ecosystem", "hubportal") for path in (ROOT / folder).rglob("*.py"))
SOURCES = [path for path in CODE if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "ecosystem" / "static").rglob("*.css"))
LONGEST_FILE, LONGEST_FUNCTION = 250, 40

# From below: a module imports from layers below its own, and from its own package or layer never in a circle.
LAYERS = [
    {"fields", "normal", "addresses", "context", "share", "wording", "options", "tokens"},
    {"querysets", "column_kinds", "fetching", "dimensions", "row_sets"},
    {"models"},
    {"status", "roles", "schedule", "previews"},
    {"journal", "kept", "edition", "versions", "columns", "citations", "maps", "facets", "content_checks"}
    | {"counting", "links", "whole", "list_index", "kept_rows", "selection", "plain", "tables", "content"},
    {"corrections", "queues", "coverage"},
    {"search", "changes", "history", "restoring", "merging", "renderers", "workflow"},
    {"highlight", "filtering", "linked_data", "charts", "dataset", "samples"},
    {"filters", "dated", "results", "comparison"},
    {"listing", "schemas", "openapi"},
    {"views", "feeds", "sitemaps", "admin", "management", "templatetags"},
    {"urls", "apps"},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}


def name_of(path):
    return str(path.relative_to(ROOT))


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def module_of(path):
    """The module or package right under ecosystem/ that a file belongs to."""
    return path.relative_to(ROOT / "ecosystem").parts[0].removesuffix(".py")


def imports(tree):
    """The modules right under ecosystem/ that are imported at the top, and anywhere else."""
    for node in ast.walk(tree):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if names == ["ecosystem"]:
            names = [f"ecosystem.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name and name.startswith("ecosystem."))


def layered():
    return [
        path for path in SOURCES if path.parts[len(ROOT.parts)] == "ecosystem" and path.name != "__init__.py"
    ]


def test_every_module_has_a_layer():
    """A new module gets its place in LAYERS by decision, not by where its imports happen to lead."""
    assert {module_of(path) for path in layered()} - LEVEL.keys() == set()


@each(layered())
def test_module_imports_only_from_below(path):
    own = module_of(path)
    used = set(imports(ast.parse(path.read_text()))) - {own}
    above = {module for module in used if LEVEL.get(module, 99) > LEVEL.get(own, 99)}
    assert above == set()


def test_modules_of_one_layer_import_each_other_in_no_circle():
    graph = {}
    for path in layered():
        graph.setdefault(module_of(path), set()).update(imports(ast.parse(path.read_text())))
    while free := [module for module, used in graph.items() if not (used - {module}) & graph.keys()]:
        for module in free:
            del graph[module]
    assert set(graph) == set()


@each(SOURCES)
def test_file_is_short(path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@each(SOURCES)
def test_functions_are_short(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert {name: length for name, length in long.items() if length > LONGEST_FUNCTION} == {}


def calls(path, *methods):
    """Calls of these methods as (line, receiver, method)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
            yield node.lineno, ast.unparse(node.func.value), node.func.attr


# Rows that are derived from content, or tell of editors, and no content themselves.
DERIVED = ("SearchEntry.objects", "Change.objects", "Opening.objects")
# Writes a hundred thousand invented companies, and tells the listeners of all of them itself.
TELLS_ITSELF = ROOT / "ecosystem" / "samples.py"
# What robots note about links is no content; a test of this module sees that it notes nothing else.
LINKS = ROOT / "ecosystem" / "links.py"


@each([path for path in SOURCES if path not in (TELLS_ITSELF, LINKS)])
def test_content_is_not_written_past_signals(path):
    """`update()` and `bulk_create()` tell no listener: change log and search index would stay behind."""
    found = [call for call in calls(path, "bulk_create", "bulk_update") if call[1] not in DERIVED]
    found += [
        call for call in calls(path, "update") if "objects" in call[1] and not call[1].startswith(DERIVED)
    ]
    assert found == []


READERS = [
    path
    for path in layered()
    if module_of(path)
    in ("views", "filters", "filtering", "listing", "results", "facets", "feeds", "sitemaps")
]
# What follows `objects.` where readers are served.
GATES = {"published", "withdrawn", "shown", "seen", "home", "for_detail", "record_behind", "known"}


@each(READERS)
def test_public_code_reads_through_a_gate(path):
    """Every manager is asked for what is public before anything else is asked of it."""
    asked = [
        (node.lineno, ast.unparse(node))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("objects", "_base_manager", "_default_manager")
    ]
    # The facet's subquery only names rows; the queryset that it narrows is gated.
    ungated = [(line, text) for line, text in asked if text.rsplit(".", 1)[1] not in GATES]
    assert [(line, text) for line, text in ungated if text != "model._base_manager.filter"] == []


def test_whole_snapshots_are_made_for_editors_alone():
    """They hold drafts and what is held back; `test_changes` sees that the public log does not load them."""
    users = {module_of(path) for path in layered() if "whole" in imports(ast.parse(path.read_text()))}
    assert users <= {"changes", "restoring", "admin"}


@each(SOURCES)
def test_text_is_declared_safe_only_in_template_tags(path):
    if module_of_any(path) != "templatetags":
        assert "mark_safe" not in path.read_text()


def module_of_any(path):
    return path.relative_to(ROOT).parts[1]


FORBIDDEN = {
    "the filter that switches escaping off": r"\|\s*safe\b|autoescape\s+off",
    "a style in an attribute": r"\sstyle\s*=",
    "a style sheet in the page": r"<style\b",
    "a script in the page": r"<script\b(?![^>]*\bsrc=)",
    "a script in an attribute": r"\son[a-z]+\s*=\s*[\"']",
    "a script in an address": r"javascript:",
    "a file from another host": r"\s(?:src|srcset|data|poster)\s*=\s*[\"'](?:https?:)?//",
    "a style sheet or icon from another host": r"<link\b[^>]*href\s*=\s*[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN)
def test_templates_hold_nothing_that(pattern):
    found = {name_of(path): re.findall(pattern, path.read_text(), re.IGNORECASE) for path in TEMPLATES}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("the filter that switches escaping off", "{{ text|safe }}"),
        ("a style in an attribute", '<p style="color: red">'),
        ("a script in the page", "<script>go()</script>"),
        ("a script in an attribute", '<a onclick="go()">'),
        ("a file from another host", '<img alt="" src="https://cdn.example/a.png">'),
        ("a style sheet or icon from another host", '<link rel="stylesheet" href="//cdn.example/a.css">'),
    ],
)
def test_patterns_find_what_they_are_for(rule, text):
    assert re.search(FORBIDDEN[rule], text)


def test_forms_and_links_of_templates_name_urls():
    """Addresses come from `{% url %}` or from a record: a path written out outlives a change of urls.py."""
    pattern = r"(?:href|action)=\"/[a-z]"
    found = {name_of(path): re.findall(pattern, path.read_text()) for path in TEMPLATES}
    assert {name: hits for name, hits in found.items() if hits} == {}


@each(STYLES)
def test_style_sheet_loads_nothing_from_elsewhere(path):
    assert re.findall(r"url\(\s*['\"]?(?:https?:)?//|@import", path.read_text()) == []
