"""The desk: what banks, holders of cards and time do, done by a button. For whoever plays with the stand-in."""

from html import escape

from tests.stand_in import afterwards, payments
from tests.stand_in.world import Object, Trouble, World

SHOWN = 12


def act(world: World, form: dict[str, str]) -> None:
    """Do what a button says. Raises Trouble for what cannot be."""
    what, number = form.get("act", ""), form.get("id", "")
    match what:
        case "clock":
            world.skipped = int(form["at"]) - (world.now() - world.skipped)
            payments.let_time_pass(world)
        case "contest":
            afterwards.dispute(world, number)
        case "won" | "lost":
            for dispute in [world.get(number, "dispute")] if number else _open(world):
                afterwards.decide(world, dispute["id"], what == "won")
        case "paid" | "refused":
            payments.end_debit(
                world, world.get(number, "payment_intent"), "insufficient_funds" if what == "refused" else ""
            )
        case "reverse":
            afterwards.reverse(world, {}, world.get(number, "transfer")["id"])
        case _:
            raise Trouble(400, "Ce bouton n’existe pas.", "parameter_invalid", param="act")


def page(world: World) -> str:
    """Debits on their way, disputes, charges that can be contested, and transfers to farms that can be taken back."""
    debits = [one for one in world.all("payment_intent") if one["status"] == "processing"]
    charges = [one for one in world.all("charge") if one["captured"] and not one["disputed"] and not one["refunded"]]
    transfers = [one for one in world.all("transfer") if not one["reversed"]]
    return "".join(
        (
            "<p>Ce que font les banques et les porteurs de carte, d’un bouton. Le site l’apprend en une minute.</p>",
            _section("Prélèvements à la banque", debits, {"paid": "Payer", "refused": "Refuser"}),
            _section("Contestations ouvertes", _open(world), {"won": "Gagnée", "lost": "Perdue"}),
            _section("Paiements", charges[:SHOWN], {"contest": "Contester"}),
            _section("Virements aux fermes", transfers[:SHOWN], {"reverse": "Reprendre"}),
        )
    )


def _open(world: World) -> list[Object]:
    return [one for one in world.all("dispute") if one["status"] not in ("won", "lost")]


def _section(title: str, rows: list[Object], buttons: dict[str, str]) -> str:
    inner = "".join(_row(one, buttons) for one in rows) or "<p>Aucun.</p>"
    return f"<h2>{title}</h2>{inner}"


def _row(one: Object, buttons: dict[str, str]) -> str:
    amount = f"{(one.get('amount_captured') or one['amount']) - one.get('amount_reversed', 0):03}"
    words = f"{amount[:-2]},{amount[-2:]} € · {escape(str(one.get('description') or one.get('reason') or one['id']))}"
    inner = "".join(f"<button name='act' value='{act}'>{label}</button>" for act, label in buttons.items())
    return f"<form method='post'><input type='hidden' name='id' value='{one['id']}'><p>{words}</p>{inner}</form>"
