"""The whole data set as files: a ZIP of CSV and JSON Lines with a data package, and a SQLite database.

The same data give the same bytes: no clock, no random order and no machine's name goes into a file.
"""

import json
import sqlite3
import tempfile
from hashlib import file_digest
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.template.loader import render_to_string

from ecosystem.columns import TABLES, as_dict
from ecosystem.edition import LICENCE, edition
from ecosystem.plain import plan
from ecosystem.renderers import CHUNK, csv_file

MANIFEST = "dataset.json"
MEDIA_TYPES = {"dataset.zip": "application/zip", "dataset.sqlite": "application/vnd.sqlite3"}
# Of SQLite and of a Table Schema, by JSON type; lists are JSON text in the one, `a | b` in the other.
SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
TABLE_TYPES = {"array": "string", "date-time": "datetime", "uri": "string"}


def table_name(model):
    return str(model._meta.verbose_name_plural)


def rows(model):
    """Every public row, in an order that does not depend on the database."""
    public = model.objects.published().order_by(model.natural_key_field)
    return plan(model, "for_export").in_order(public.values_list("pk", flat=True), CHUNK)


def export(directory):
    """Write all files into a directory and return the manifest. Each file is replaced in one step."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        manifest = written(Path(scratch))
        for name in (*MEDIA_TYPES, MANIFEST):
            (Path(scratch) / name).replace(directory / name)
    return manifest


def written(directory):
    """Make the files anew until nothing changed meanwhile: a statement never lacks its record."""
    while True:
        before = edition()
        content = directory / "content"
        content.mkdir(exist_ok=True)
        counts = {table_name(model): write_table(content, model) for model in TABLES}
        write_package(content, counts)
        pack(directory / "dataset.zip", sorted(content.iterdir()))
        write_sqlite(directory / "dataset.sqlite")
        if edition() == before:
            break
    files = [describe(directory / name) | {"media_type": kind} for name, kind in MEDIA_TYPES.items()]
    manifest = {**before, "source": settings.SITE_URL, "licence": LICENCE, "records": counts, "files": files}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest


def write_table(directory, model):
    """One model as CSV and as JSON Lines. Returns the number of rows."""
    columns, name = TABLES[model], table_name(model)
    with (directory / f"{name}.csv").open("wb") as file:
        file.writelines(csv_file(columns, rows(model)))
    with (directory / f"{name}.jsonl").open("w", encoding="utf-8") as file:
        lines = (json.dumps(as_dict(columns, row), ensure_ascii=False) + "\n" for row in rows(model))
        return sum(file.write(line) > 0 for line in lines)


def describe(path):
    with path.open("rb") as file:
        return {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": file_digest(file, "sha256").hexdigest(),
        }


def write_package(directory, counts):
    """README, licence, and the description of every file by the Data Package standard."""
    context = {"edition": edition(), "licence": LICENCE, "site": settings.SITE_NAME, "url": settings.SITE_URL}
    readme = render_to_string("ecosystem/dataset_readme.md", context | {"counts": counts})
    (directory / "README.md").write_text(readme, encoding="utf-8")
    licence = (settings.BASE_DIR / "LICENSE-CONTENT.md").read_text(encoding="utf-8")
    (directory / "LICENSE.md").write_text(licence, encoding="utf-8")
    package = {
        "name": "hubportal",
        "title": settings.SITE_NAME,
        "homepage": settings.SITE_URL,
        "version": f"{edition()['data_version']}",
        "created": edition()["data_date"] or "1970-01-01T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "title": LICENCE["name"], "path": LICENCE["url"]}],
        "resources": [resource for model in TABLES for resource in resources(directory, model)],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (directory / "datapackage.json").write_text(text, encoding="utf-8")


def resources(directory, model):
    """The two files of a model; the schema is that of the CSV, where a cell has no structure."""
    name = table_name(model)
    common = {"encoding": "utf-8", "title": name.capitalize()}
    for suffix, media_type in (("csv", "text/csv"), ("jsonl", "application/jsonl")):
        file = describe(directory / f"{name}.{suffix}")
        yield common | {
            "name": f"{name}-{suffix}",
            "path": file["name"],
            "format": suffix,
            "mediatype": media_type,
            # For tools that read JSON Lines as a table only with an extra of theirs.
            **({"type": "file"} if suffix == "jsonl" else {}),
            "bytes": file["bytes"],
            "hash": f"sha256:{file['sha256']}",
            **(table_schema(model) if suffix == "csv" else {}),
        }


def table_schema(model):
    """What Table Schema says of the CSV of a model: its fields, what names a row, what points elsewhere."""
    links = [
        {"fields": column.name, "reference": {"resource": f"{column.table}-csv", "fields": "slug"}}
        for column in TABLES[model]
        if column.table
    ]
    return {
        "profile": "tabular-data-resource",
        "schema": {
            "fields": [field(column) for column in TABLES[model]],
            "primaryKey": model.natural_key_field,
            **({"foreignKeys": links} if links else {}),
        },
    }


def field(column):
    kind = column.schema.get("format", column.type)
    return {
        "name": column.name,
        "description": column.description,
        "type": TABLE_TYPES.get(kind, kind),
        **({"format": "any"} if kind == "date-time" else {}),
        "constraints": {"required": not (column.optional or column.type == "array")},
    }


def pack(path, files):
    with ZipFile(path, "w") as archive:
        for file in files:
            info = ZipInfo(file.name)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
            with archive.open(info, "w") as target, file.open("rb") as source:
                while block := source.read(1 << 20):
                    target.write(block)


def write_sqlite(path):
    """One table a model, keyed by the permanent name; lists are JSON arrays. `about` says what it all is."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    database.executemany("INSERT INTO about VALUES (?, ?)", about())
    for model, columns in TABLES.items():
        typed, name = ", ".join(map(sql_column, columns)), table_name(model)
        database.execute(f'CREATE TABLE "{name}" ({typed}, PRIMARY KEY ("{model.natural_key_field}"))')
        marks = ", ".join("?" * len(columns))
        values = ([stored(column.value(row)) for column in columns] for row in rows(model))
        database.executemany(f'INSERT INTO "{name}" VALUES ({marks})', values)  # noqa: S608  # nosec B608 -- our names
    database.commit()
    database.execute("VACUUM")
    database.close()


def about():
    """(name, value) pairs for who gets the file alone."""
    yield from {"title": settings.SITE_NAME, "source": settings.SITE_URL}.items()
    yield from edition().items()
    yield from ((f"licence_{name}", value) for name, value in LICENCE.items())


def sql_column(column):
    link = f' REFERENCES "{column.table}" ("slug")' if column.table else ""
    return f'"{column.name}" {SQL_TYPES.get(column.type, "TEXT")}{link}'


def stored(value):
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def is_current():
    """Whether what is on offer holds the data of this moment, under the site's address of today."""
    today = {**edition(), "source": settings.SITE_URL}
    return today.items() <= (manifest() or {}).items()


def manifest():
    """What is on offer, or None while nothing was exported."""
    path = Path(settings.DATASET_DIR) / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
