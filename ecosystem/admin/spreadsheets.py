"""XLSX files as tables, read no further than a table may go: some kilobytes can hold a million rows."""

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import tablib
from import_export.formats.base_formats import XLSX

from ecosystem.admin.table import NoTableError

# Bytes of all parts together, unpacked, and of the one that costs most to read. A part that holds more than
# it says is cut there by the unpacking.
MOST_UNPACKED, MOST_STYLES = 20_000_000, 1_000_000
# Of the first sheet, from its first row and column to the last, blank ones included.
MOST_CELLS = 1_000_000
ADVICE = "Copy what matters into a new file, or save it as CSV."


class Spreadsheet(XLSX):
    def create_dataset(self, in_stream):
        """The first sheet without its blank rows. Raises NoTableError where it is too large to be read."""
        with ZipFile(BytesIO(in_stream)) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
        if sum(sizes.values()) > MOST_UNPACKED or sizes.get("xl/styles.xml", 0) > MOST_STYLES:
            raise NoTableError(f"Unpacked, this file is too large. {ADVICE}")
        book = openpyxl.load_workbook(BytesIO(in_stream), read_only=True, data_only=True)
        headers, *rows = filled_rows(book.worksheets[0])
        return tablib.Dataset(*rows, headers=headers)


def filled_rows(sheet):
    """The rows with something in them, all as long as the longest."""
    # How far it goes the sheet may say itself, and be wrong.
    sheet.reset_dimensions()
    rows, width = [], 1
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        width = max(width, len(row))
        if number * width > MOST_CELLS:
            raise NoTableError(
                f"The first sheet has more than {MOST_CELLS:,} cells, blank ones included. {ADVICE}"
            )
        if last := max((n for n, cell in enumerate(row, 1) if cell is not None), default=0):
            rows.append(row[:last])
    width = max(map(len, rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]
