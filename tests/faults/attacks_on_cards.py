"""Attacks on what passed between households, their banks and Stripe, and the rows they are tried on."""

from datetime import date, datetime
from decimal import Decimal

from distribution import correcting, receipts
from distribution.models import Payout
from hub.models import Member, StripeCall, StripeEvent
from orders.models import CardPayment, CardRefund, DebitFile, Dispute, Mandate, Order, SavedCard, TopUp
from producers.models import ConnectAccount
from tests.distribution.farms import farm_of

ATTACKS = {
    "charge another card": "UPDATE orders_savedcard SET method = 'pm_other'",
    "agree to something else": "UPDATE orders_savedcard SET consent = 'everything'",
    "use a removed card again": "UPDATE orders_savedcard SET removed_at = NULL",
    "forget a card": "DELETE FROM orders_savedcard",
    "hold more": "UPDATE orders_cardpayment SET amount = amount + 10",
    "capture more": "UPDATE orders_cardpayment SET captured = captured + 1 WHERE state = 'captured'",
    "capture it again": "UPDATE orders_cardpayment SET state = 'held', captured = NULL WHERE state = 'captured'",
    "hold what was released": "UPDATE orders_cardpayment SET state = 'due' WHERE state = 'released'",
    "another payment for an order": "UPDATE orders_cardpayment SET stripe_id = 'pi_other'",
    "the time it was captured": "UPDATE orders_cardpayment SET captured_at = now() WHERE state = 'captured'",
    "forget a payment by card": "DELETE FROM orders_cardpayment",
    "give more back to a card": "UPDATE orders_cardrefund SET amount = amount + 1",
    "give it back again": "UPDATE orders_cardrefund SET state = 'asked', done_at = NULL WHERE state = 'done'",
    "a refund that never failed": "UPDATE orders_cardrefund SET state = 'done', failed_at = NULL WHERE state = 'failed'",
    "forget a refund to a card": "DELETE FROM orders_cardrefund",
    "contest less": "UPDATE orders_dispute SET amount = 1",
    "win what was lost": "UPDATE orders_dispute SET state = 'won', settled_at = NULL, charged = false WHERE state = 'lost'",
    "charge it after all": "UPDATE orders_dispute SET charged = NOT charged WHERE settled_at IS NOT NULL",
    "somebody else's dispute": "UPDATE orders_dispute SET payment_id = NULL",
    "forget a dispute": "DELETE FROM orders_dispute",
    "debit another account": "UPDATE orders_mandate SET iban = 'FR1420041010050500013M02606' WHERE iban <> ''",
    "announce it less long before": "UPDATE orders_mandate SET notice_days = 2",
    "sign something else": "UPDATE orders_mandate SET consent = 'everything'",
    "a mandate that was not taken back": "UPDATE orders_mandate SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
    "forget a mandate": "DELETE FROM orders_mandate",
    "debit more": "UPDATE orders_topup SET amount = amount + 10",
    "debit it again": "UPDATE orders_topup SET state = 'due', paid_at = NULL WHERE state = 'paid'",
    "credit it to another": "UPDATE orders_topup SET household_id = (SELECT max(id) FROM hub_household)",
    "credit what the bank took back": "UPDATE orders_topup SET state = 'paid', ended_at = NULL WHERE state = 'returned'",
    "let another file collect it": "UPDATE orders_topup SET file_id = NULL WHERE file_id IS NOT NULL",
    "forget a debit": "DELETE FROM orders_topup",
    "edit a file of debits": "UPDATE orders_debitfile SET content = '', total = total + 1",
    "forget a file of debits": "DELETE FROM orders_debitfile",
    "ask for it again": "UPDATE hub_stripecall SET state = 'sent', stripe_id = '' WHERE state = 'done'",
    "ask for something else": "UPDATE hub_stripecall SET request_hash = repeat('0', 64)",
    "never have asked": "DELETE FROM hub_stripecall",
    "an event about another": "UPDATE hub_stripeevent SET subject = 'pi_other'",
    "hear it once more": "UPDATE hub_stripeevent SET read_at = NULL WHERE read_at IS NOT NULL",
    "never have heard": "DELETE FROM hub_stripeevent",
    "send a farm's transfers elsewhere": "UPDATE producers_connectaccount SET account = 'acct_other'",
    "forget a farm's account": "DELETE FROM producers_connectaccount",
    "correct by more": "UPDATE distribution_correction SET amount = amount + 1",
    "forget a correction": "DELETE FROM distribution_correction",
    "edit a receipt": "UPDATE distribution_receipt SET content = '{}'",
    "delete a receipt": "DELETE FROM distribution_receipt",
    "edit what a statement tells": "UPDATE distribution_statementblock SET net = net + 1",
    "forget what a statement tells": "DELETE FROM distribution_statementblock",
    "another word at the close": "UPDATE distribution_confirmation SET at = now()",
    "delete a refund": "DELETE FROM distribution_refund",
    "never have changed a line": "DELETE FROM distribution_linechange",
    "delete from the journal": "DELETE FROM hub_activity",
    "forget a comparison": "DELETE FROM distribution_stripecheck",
    "another cheque that bounced": "UPDATE distribution_bouncedcheque SET undone_at = now(), reason = 'x'",
    "bounce what was never handed in": """INSERT INTO distribution_bouncedcheque (key, at, by_id, payment_id, transfer_id, reason)
        SELECT 'x', now(), p.received_by_id, p.id, (SELECT max(id) FROM hub_transfer), ''
        FROM orders_payment p WHERE p.means = 'transfer' LIMIT 1""",
    "another cheque on the slip": "UPDATE distribution_depositedcheque SET payment_id = payment_id + 1",
    "a fee that held": "UPDATE hub_feerule SET percentage = 0 WHERE valid_from < CURRENT_DATE",
    "forget a fee that held": "DELETE FROM hub_feerule WHERE valid_from < CURRENT_DATE",
    "nobody coordinates": "UPDATE hub_role SET revoked_at = now() WHERE kind = 'coordinator'",
    "a line in a settled order": """INSERT INTO orders_orderline
        SELECT (jsonb_populate_record(l, '{"id": 0, "quantity": 0, "due": 0}')).* FROM orders_orderline l
        WHERE l.final_amount IS NOT NULL LIMIT 1""",
    "a change that changes nothing, too late": """INSERT INTO distribution_linechange
            (line_id, collection_id, key, delta, reason, note, at)
        SELECT id, collection_id, 'late', 0, 'member', '', now() FROM orders_orderline WHERE final_amount IS NOT NULL LIMIT 1""",
}


def rows(*, by: Member, now: datetime) -> None:
    """One of each: a card removed and one charged, money given back and money refused, a dispute lost, debits paid and
    returned, what was asked of Stripe and heard from it, a correction, a run with its file."""
    order = Order.objects.filter(settled_at__isnull=False).order_by("pk")[0]
    home = order.household
    signed = {"consent": "Oui.", "customer": "cus_1", "household": home}
    card = SavedCard.objects.create(
        **signed, method="pm_1", brand="visa", last4="4242", expires="2031-12", consented_at=now, consented_by=by,
        removed_at=now,
    )  # fmt: skip
    stamps = {"held_at": now, "due_at": now, "card": card, "amount": Decimal(20), "order": order}
    paid = CardPayment.objects.create(
        **stamps,
        number=1,
        state="captured",
        captured=Decimal(12),
        refunded=Decimal(3),
        stripe_id="pi_1",
        captured_at=now,
    )
    CardPayment.objects.create(**stamps, number=2, state="released", stripe_id="pi_2", released_at=now)
    for key, state in (("one", {"state": "done"}), ("two", {"state": "failed", "failed_at": now})):
        CardRefund.objects.create(
            payment=paid,
            key=key,
            amount=Decimal(3),
            asked_at=now,
            asked_by=by,
            done_at=now,
            stripe_id=f"re_{key}",
            **state,
        )
    Dispute.objects.create(
        payment=paid, stripe_id="du_1", state="lost", amount=Decimal(12), taken=True, opened_at=now, checked_at=now,
        closed_at=now, settled_at=now, settled_by=by,
    )  # fmt: skip
    account = {"iban": "FR7630006000011234567890189", "holder": "Camille", "last4": "0189", "rail": "bank"}
    of = {"household": home, "consent": "Oui.", "signed_at": now, "signed_by": by}
    Mandate.objects.create(**of, **account, revoked_at=now)
    mandate = Mandate.objects.create(**of, **account)
    file = DebitFile.objects.create(
        content=b"<a/>", sha256="f" * 64, collection_on=date(2026, 11, 26), number=2, total=Decimal(40), written_at=now,
        written_by=by,
    )  # fmt: skip
    for key, over in (("paid", {}), ("returned", {"ended_at": now})):
        TopUp.objects.create(
            household=home, key=key, means="debit", mandate=mandate, amount=Decimal(20), state=key, due_on=now.date(),
            asked_by=by, asked_at=now, announced_at=now, file=file, paid_at=now, **over,
        )  # fmt: skip
    StripeCall.objects.create(
        key="hold:1", kind="hold", request_hash="f" * 64, stripe_id="pi_1", state="done", attempts=1, first_at=now,
        last_at=now,
    )  # fmt: skip
    StripeEvent.objects.create(
        stripe_id="evt_1", kind="payment_intent.succeeded", subject="pi_1", received_at=now, read_at=now
    )
    receipts.issue_due(now=now)
    farm = farm_of(Payout.objects.filter(producer__isnull=False)[0])
    ConnectAccount.objects.create(producer=farm, account="acct_1", made_at=now, checked_at=now)
    correcting.correct(producer=farm, amount=Decimal(2), words="Œufs", key="eggs", by=by, now=now)
