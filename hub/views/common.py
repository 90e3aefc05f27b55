"""What pages with a form share: an act is carried out, or what keeps it from being done is shown in its place."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from hub.refusals import Refusal, Words


def done(request: HttpRequest, form: forms.BaseForm, act: Callable[[], Any], said: Words) -> bool:
    """Carry an act out and say so; else the form shows the rule that said no, beside the field it is about."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refusal as refusal:
        form.add_error(refusal.data.get("field") if refusal.data.get("field") in form.fields else None, str(refusal))
    except ValidationError as error:
        _show(form, error)
    else:
        messages.success(request, str(said))
        return True
    return False


def told(request: HttpRequest, act: Callable[[], Any], said: Words) -> bool:
    """Carry out an act that one button asks for, and say in a toast what became of it."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, str(said))
    return True


def _show(form: forms.BaseForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, words in error.message_dict.items():
        form.add_error(name if name in form.fields else None, words)
