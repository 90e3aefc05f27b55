"""The photo a farmer sends."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.photos import MAX_BYTES


class PhotoForm(forms.Form):
    """One photo; whether it is one, `hub.photos` judges. A phone offers its camera and its gallery."""

    photo = forms.FileField(
        label=_("Photo"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Choose a photo first.")},
    )

    @property
    def content(self) -> bytes:
        """What was sent, and of a file that is too large one byte more than is allowed: enough to refuse it."""
        file: Any = self.cleaned_data["photo"]
        content: bytes = file.read(MAX_BYTES + 1)
        return content
