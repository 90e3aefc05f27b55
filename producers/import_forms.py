"""The file a farmer sends."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.spreadsheets.cells import MAX_BYTES


class UploadForm(forms.Form):
    """One spreadsheet. Its size is refused before it is read; what it holds is the importer's to judge."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xlsm,.tsv,.txt"}),
        error_messages={"required": _("Choose a file first.")},
    )

    def clean_file(self) -> Any:
        """The file, small enough to be read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB. Split it, or remove its pictures."))
        return file
