"""The file a farmer sends."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """One spreadsheet; what it holds, and how large it may be, is the importer's to judge."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xlsm,.tsv,.txt"}),
        error_messages={"required": _("Choose a file first.")},
    )
