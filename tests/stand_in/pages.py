"""The pages Stripe hosts, as a browser sees them: Checkout, 3-D Secure of the bank, onboarding of a farm."""

from html import escape
from urllib.parse import parse_qsl

from tests.stand_in import connect, desk, payments, setups
from tests.stand_in.world import Object, Trouble, World

Page = tuple[int, str, str]  # status, address to go to, HTML


def show(world: World, method: str, path: str, body: str) -> Page | None:
    """The page of this address, or None where there is none."""
    place, _slash, key = path.strip("/").partition("/")
    handler = {"pay": _checkout, "3ds": _bank, "connect": _onboarding, "desk": _desk}.get(place)
    form = dict(parse_qsl(body)) if method == "post" else {}
    if handler is None or not (key or handler is _desk):
        return None
    try:
        return handler(world, key, form)
    except Trouble as trouble:
        return trouble.status, "", _html("Erreur", f"<p role='alert'>{escape(str(trouble))}</p>")


def _checkout(world: World, key: str, form: dict[str, str]) -> Page:
    session = world.get(key, "checkout.session")
    if session["status"] != "open":
        return 410, "", _html("Terminé", "<p>Cette page n’est plus valable.</p>")
    if not form:
        return 200, "", _checkout_form(world, session, "")
    if form.get("act") == "cancel":
        return 303, str(session["cancel_url"] or session["success_url"]), ""
    if "answer" in form:
        return _answered(world, session, form["answer"] == "yes")
    try:
        chosen = setups.choose(world, session, form)
    except Trouble as trouble:
        return 422, "", _checkout_form(world, session, str(trouble))
    world.secret(key)["chosen"] = chosen["id"]
    if setups.asks(world, chosen):
        return 200, "", _html("Votre banque", _ASK)
    return _answered(world, session, True)


def _answered(world: World, session: Object, agreed: bool) -> Page:
    method = world.get(world.secret(session["id"]).get("chosen"), "payment_method")
    if session["mode"] == "setup":
        if not agreed:
            setups.refuse_setup(world, session)
            return 402, "", _checkout_form(world, session, "L’authentification n’a pas abouti.")
        setups.finish_setup(world, session, method)
    else:
        if not agreed:
            return 402, "", _checkout_form(world, session, "L’authentification n’a pas abouti.")
        payments.pay_session(world, session, method)
    return 303, session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), ""


def _checkout_form(world: World, session: Object, error: str) -> str:
    kinds = world.secret(session["id"])["kinds"]
    field = (
        '<label>IBAN <input name="iban" autocomplete="off"></label>'
        if kinds == ["sepa_debit"]
        else '<label>Carte <input name="card" inputmode="numeric" autocomplete="cc-number" value="4242 4242 4242 4242"></label>'
    )
    amount = f"<p>{session['amount_total'] / 100:.2f} €</p>" if session["amount_total"] else ""
    alert = f'<p role="alert">{escape(error)}</p>' if error else ""
    return _html(
        "Paiement",
        f"{amount}{alert}<form method='post'>{field}<button name='act' value='go'>Valider</button>"
        "<button name='act' value='cancel'>Revenir</button></form>",
    )


def _bank(world: World, key: str, form: dict[str, str]) -> Page:
    intent = world.get(key, "payment_intent")
    back = str(world.secret(key).get("return_url") or world.base)
    if intent["status"] != "requires_action":
        return 303, back, ""
    if not form:
        return 200, "", _html("Votre banque", _ASK)
    if form.get("answer") == "yes":
        try:
            payments.authorise(world, intent)
        except Trouble:
            return 303, back, ""  # declined after all: the intent says so
    else:
        payments.fail_authentication(world, intent)
    return 303, back, ""


def _desk(world: World, _key: str, form: dict[str, str]) -> Page:
    if form:
        desk.act(world, form)
        return 303, "/desk/", ""
    return 200, "", _html("Le guichet des banques", desk.page(world))


def _onboarding(world: World, key: str, form: dict[str, str]) -> Page:
    if "account" not in world.secret(key):
        return 404, "", _html("Introuvable", "<p>Ce lien n’existe pas.</p>")
    if not form:
        return 200, "", _html("Votre ferme", _IDENTITY)
    return 303, connect.onboard(world, key, form.get("act", "")), ""


_ASK = (
    "<p>Est-ce bien vous ?</p><form method='post'><button name='answer' value='yes'>Oui, c’est moi</button>"
    "<button name='answer' value='no'>Non</button></form>"
)
_IDENTITY = (
    "<p>Identité, activité, compte bancaire.</p><form method='post'><button name='act' value='done'>Tout envoyer</button>"
    "<button name='act' value='identity'>L’identité seulement</button>"
    "<button name='act' value='leave'>Plus tard</button></form>"
)


def _html(title: str, inner: str) -> str:
    return (
        f"<!doctype html><html lang='fr'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{title}</title><style>body{{font:17px system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}}"
        f"input,button{{box-sizing:border-box;font:inherit;padding:.6rem;margin:.3rem 0;width:100%}}</style><h1>{title}</h1>"
        f"<p><small>Page d’essai : aucun argent ne circule.</small></p>{inner}</html>"
    )
