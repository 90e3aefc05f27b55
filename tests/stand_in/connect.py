"""Connect: the accounts of farms that receive transfers, and the page where they give their identity."""

from tests.stand_in.routes import answers, keep, metadata
from tests.stand_in.world import Object, Trouble, World, page, since

DUE = ["external_account", "individual.verification.document", "tos_acceptance.date"]


@answers("post", "/v1/accounts")
def create(world: World, sent: Object) -> Object:
    asked = sent.get("capabilities", {}).get("transfers", {}).get("requested")
    made = world.new(
        "account", "acct", country=sent.get("country", "FR"), email=sent.get("email"), default_currency="eur",
        business_type=sent.get("business_type"), type="none" if "controller" in sent else sent.get("type", "standard"),
        charges_enabled=False, payouts_enabled=False, details_submitted=False,
        capabilities={"transfers": "inactive"} if asked == "true" else {},
        controller=sent.get("controller", {}), settings={"payouts": {"schedule": {"interval": "daily"}}},
        requirements={"currently_due": list(DUE), "past_due": [], "disabled_reason": "requirements.past_due", "errors": []},
    )  # fmt: skip
    _schedule(made, sent)
    metadata(made, sent)
    world.tell("account.updated", made)
    return made


@answers("get", "/v1/accounts/{}")
def account(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "account")


@answers("get", "/v1/accounts")
def accounts(world: World, sent: Object) -> Object:
    return page(since(world.all("account"), sent), sent, "/v1/accounts")


@answers("post", "/v1/accounts/{}")
def change(world: World, sent: Object, number: str) -> Object:
    found = keep(world, "account", number, sent, "email", "business_type")
    _schedule(found, sent)
    world.tell("account.updated", found)
    return found


def _schedule(found: Object, sent: Object) -> None:
    schedule = sent.get("settings", {}).get("payouts", {}).get("schedule", {})
    found["settings"]["payouts"]["schedule"].update(schedule)


@answers("post", "/v1/account_links")
def link(world: World, sent: Object) -> Object:
    if sent["type"] != "account_onboarding":
        raise Trouble(400, "The stand-in makes links for onboarding.", "parameter_invalid", param="type")
    found = world.get(sent["account"], "account")
    key = f"{world.random.getrandbits(64):016x}"
    world.secret(key).update(
        account=found["id"], return_url=sent.get("return_url"), refresh_url=sent.get("refresh_url")
    )
    return {
        "object": "account_link",
        "created": world.now(),
        "expires_at": world.now() + 300,
        "url": f"{world.base}/connect/{key}",
    }


def onboard(world: World, key: str, act: str) -> str:
    """What a farm did on the page: gave everything (`done`), its `identity` alone, or left. Returns where it is sent back to."""
    opened = world.secret(key)
    if opened.get("used"):
        return str(opened["refresh_url"])
    opened["used"] = True
    found = world.get(opened["account"], "account")
    if act == "identity":
        wanted = [one for one in found["requirements"]["currently_due"] if not one.startswith("individual.")]
        found["requirements"]["currently_due"] = wanted
        world.tell("account.updated", found)
    if act == "done":
        found.update(details_submitted=True, payouts_enabled=True)
        found["requirements"].update(currently_due=[], disabled_reason=None)
        found["capabilities"] = dict.fromkeys(found["capabilities"], "active")
        world.tell("account.updated", found)
    return str(opened["return_url"])
