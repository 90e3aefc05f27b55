"""How often one may try a sign-in code.

allauth counts wrong codes per session, and somebody guessing opens as many sessions as they like. So tries are counted
per account as well, whatever session they come from and whether or not the account exists.
"""

from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.account.views import confirm_login_code
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse


def confirm_code(request: HttpRequest) -> HttpResponse:
    """allauth's page for the code, answering 429 once the account's tries are used up (ACCOUNT_RATE_LIMITS)."""
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    trying = request.method == "POST" and request.POST.get("action") != "resend"
    account = str(stage.state.get("email", "")).lower() if stage else ""
    if trying and account and not ratelimit.consume(request, action="login_code_try", key=account):
        refused: HttpResponse = ratelimit.respond_429(request)
        return refused
    answer: HttpResponse = confirm_login_code(request)
    return answer
