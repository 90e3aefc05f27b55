"""My account: who I am, my household, the language I read, how I sign in."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hub import notices, profile
from hub.access import MemberRequest, member_required, public, signed
from hub.forms import HouseholdForm, MessagesForm, ProfileForm
from hub.models import Household, Member


@member_required
@require_http_methods(["GET", "POST"])
def account(request: MemberRequest) -> HttpResponse:
    """The page, and the form about myself."""
    form = ProfileForm(request.POST or None, instance=Member.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        member = profile.describe_member(member=request.user, **form.cleaned_data)
        return _told(request, member.language)
    return _page(request, form=form)


@member_required
@require_POST
def household(request: MemberRequest) -> HttpResponse:
    """The form about my household."""
    mine = get_object_or_404(Household, pk=request.user.household_id)
    form = HouseholdForm(request.POST, instance=Household.objects.get(pk=mine.pk))
    if form.is_valid():
        profile.describe_household(household=mine, **form.cleaned_data)
        return _told(request, translation.get_language())
    return _page(request, household_form=form)


@member_required
@require_POST
def wanted_messages(request: MemberRequest) -> HttpResponse:
    """The form about the messages I want."""
    form = MessagesForm(request.user, request.POST)
    if form.is_valid():
        profile.choose_messages(member=request.user, wanted=form.cleaned_data["wanted"])
        return _told(request, translation.get_language())
    return _page(request, messages_form=form)


@csrf_exempt
@signed
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The signed address at the end of a message: a page asks, a POST does it, from a mail program too (RFC 8058).

    The signature stands for the session, so there is no token of a form to check.
    """
    found = notices.read_token(token)
    if found is None:
        raise Http404
    member, kind = found
    if request.method == "POST":
        profile.unsubscribe(member=member, kind=kind, now=timezone.now())
    with translation.override(member.language):
        context = {"words": notices.OPTIONAL[kind], "done": kind in member.muted, "token": token}
        return render(request, "hub/unsubscribe.html", context)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read the site in another language, from here on and, for a member, everywhere."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponse(status=422)
    if isinstance(request.user, Member):
        profile.choose_language(member=request.user, language=chosen)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return _speaking(redirect(target if safe else "/"), chosen)


@public
def no_password(request: HttpRequest, rest: str) -> HttpResponse:
    """allauth's pages about passwords: nobody has one here, so none can be guessed, forgotten or set."""
    raise Http404


def _page(request: MemberRequest, **forms: ProfileForm | HouseholdForm | MessagesForm) -> HttpResponse:
    member = Member.objects.select_related("household").get(pk=request.user.pk)
    context = {
        "form": ProfileForm(instance=member),
        "household_form": HouseholdForm(instance=member.household) if member.household else None,
        "messages_form": MessagesForm(member),
        "household_members": member.household.members.order_by("first_name") if member.household else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "hub/account.html", context | forms, status=status)


def _told(request: HttpRequest, code: str | None) -> HttpResponse:
    with translation.override(code):
        messages.success(request, _("Saved."))
    return _speaking(redirect("hub:account"), code or settings.LANGUAGE_CODE)


def _speaking(response: HttpResponse, code: str) -> HttpResponse:
    """Remember the language in this browser, as Django's LocaleMiddleware reads it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE, httponly=True,
    )  # fmt: skip
    return response
