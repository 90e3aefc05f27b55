"""A household that a treasurer names in a form: by name, e-mail or the reference of its transfers."""

from django import forms
from django.utils.translation import gettext as _

from distribution import accounts
from hub.models import Household


def named(text: str) -> Household:
    """The one household of that name. Raises ValidationError where there is none, with the choice where there are several."""
    search = " ".join(text.split())
    found = [home for home, _balance in accounts.find(search, limit=6)] if search else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise forms.ValidationError(_("Nobody by that name.") if search else _("Say which household."))
    names = ", ".join(f"{home.name} ({home.code})" for home in found[:5])
    raise forms.ValidationError(_("Several are called so, write the reference: %(names)s"), params={"names": names})
