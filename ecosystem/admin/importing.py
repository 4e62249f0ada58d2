"""The pages that take tables in and give them out: CSV and XLSX, for who may import."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.results import RowResult

from ecosystem.admin.spreadsheets import Spreadsheet
from ecosystem.admin.table import NoTableError
from ecosystem.changes import LONGEST_REASON, because
from ecosystem.roles import may

FORMATS = [CSV, Spreadsheet]
# Far more than the rows that go in at once take.
MOST_BYTES = 2_000_000


class TableForm(ImportForm):
    """Which file, and why. The ending of its name says what it is."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Stands in the public change log beside every record that this file changes.",
    )
    field_order = ["import_file", "reason"]
    required_css_class = "required"

    def __init__(self, formats, resources, **kwargs):
        super().__init__(formats, resources, **kwargs)
        self.endings = [file_format().get_extension() for file_format in formats]
        self.fields["format"].widget, self.fields["format"].required = forms.HiddenInput(), False
        file = self.fields["import_file"]
        file.widget.attrs = {"accept": ",".join(f".{ending}" for ending in self.endings)}
        file.help_text = (
            f"CSV in UTF-8, or the first sheet of an XLSX file; at most {MOST_BYTES // 1_000_000} MB. "
            "The first row holds the names of the columns. You see what would change before it is written."
        )

    @property
    def media(self):
        return forms.Media()

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"This file is larger than {MOST_BYTES // 1_000_000} MB.")
        if file.name.rpartition(".")[2].lower() not in self.endings:
            raise forms.ValidationError(f"Choose a file that ends with .{' or .'.join(self.endings)}.")
        return file

    def clean(self):
        cleaned = super().clean()
        if file := cleaned.get("import_file"):
            cleaned["format"] = str(self.endings.index(file.name.rpartition(".")[2].lower()))
        return cleaned


class ConfirmForm(ConfirmImportForm):
    format = forms.ChoiceField(choices=[(str(n), n) for n in range(len(FORMATS))], widget=forms.HiddenInput)
    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.HiddenInput)


class Tables(ImportExportMixin):
    """An admin whose list can be taken out as a table, and changed or filled by one."""

    import_form_class = TableForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    import_template_name = "admin/ecosystem/import.html"
    export_template_name = "admin/ecosystem/export.html"
    # With the mark by which spreadsheets know UTF-8.
    to_encoding = "utf-8-sig"

    def get_import_formats(self):
        return FORMATS

    def get_export_formats(self):
        return FORMATS

    def has_import_permission(self, request):
        return may(request.user, "import", self.model)

    def has_export_permission(self, request):
        return self.has_import_permission(request)

    def get_import_resource_kwargs(self, request, **kwargs):
        return {"model_admin": self, "request": request}

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        return initial | {"reason": import_form.cleaned_data["reason"]} if import_form else initial

    def add_data_read_fail_error_to_form(self, form, e):
        unread = "This file cannot be read. Save it as CSV in UTF-8 or as XLSX, and try again."
        form.add_error("import_file", str(e) if isinstance(e, NoTableError) else unread)

    def process_import(self, request, **kwargs):
        """Write what was shown. A file that is no longer kept, or no longer fits, changes nothing."""
        form = self.create_confirm_form(request)
        if self.has_import_permission(request) and form.is_valid() and self.upload(form).read() is None:
            messages.error(request, "The file is no longer kept. Nothing was written; choose it again.")
            return HttpResponseRedirect(reverse(f"admin:ecosystem_{self.opts.model_name}_import"))
        return super().process_import(request, **kwargs)

    def upload(self, form):
        return self.get_tmp_storage_class()(name=form.cleaned_data["import_file_name"])

    def process_dataset(self, dataset, form, request, **kwargs):
        with because(form.cleaned_data["reason"], request.user):
            return super().process_dataset(
                dataset, form, request, rollback_on_validation_errors=True, **kwargs
            )

    def process_result(self, result, request):
        if not (result.has_errors() or result.has_validation_errors()):
            return super().process_result(result, request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Nothing was imported",
            "opts": self.opts,
            "result": result,
            "form": self.create_import_form(request),
        }
        return TemplateResponse(request, self.import_template_name, context)

    def generate_log_entries(self, result, request):
        """In the history of each row that a table made or changed."""
        for kind, flag in ((RowResult.IMPORT_TYPE_NEW, ADDITION), (RowResult.IMPORT_TYPE_UPDATE, CHANGE)):
            if rows := [row.instance for row in result if row.import_type == kind]:
                words = f"Imported: {request.POST.get('reason', '')}"
                LogEntry.objects.log_actions(request.user.pk, rows, flag, change_message=words)

    def add_success_message(self, result, request):
        new, updated, skipped = (
            result.totals[kind]
            for kind in (
                RowResult.IMPORT_TYPE_NEW,
                RowResult.IMPORT_TYPE_UPDATE,
                RowResult.IMPORT_TYPE_SKIP,
            )
        )
        words = f"Imported: {new} new, {updated} changed, {skipped} as before."
        messages.success(request, words)
