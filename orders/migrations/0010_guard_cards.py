"""What the database refuses of cards, mandates, their payments and what is contested: another amount or owner, a state left
again, a row lost. What an erased household had signed may only be emptied."""

import importlib

from django.db import migrations

# By table: what never changes, and what else is refused.
KEPT = {
    "orders_cardpayment": (
        "id order_id number amount currency due_at",
        """(OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN
                ('due held', 'due refused', 'due released', 'refused held', 'refused released', 'held captured', 'held released'))
            OR (OLD.stripe_id <> '' AND NEW.stripe_id <> OLD.stripe_id)
            OR (OLD.state = 'captured' AND (NEW.captured, NEW.card_id) IS DISTINCT FROM (OLD.captured, OLD.card_id))
            OR (OLD.held_at IS NOT NULL AND NEW.held_at IS DISTINCT FROM OLD.held_at)
            OR (OLD.refused_at IS NOT NULL AND NEW.refused_at IS DISTINCT FROM OLD.refused_at)
            OR (OLD.captured_at IS NOT NULL AND NEW.captured_at IS DISTINCT FROM OLD.captured_at)
            OR (OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at)""",
    ),
    "orders_cardrefund": (
        "id payment_id key amount currency asked_at asked_by_id",
        """(OLD.state <> NEW.state AND (OLD.state || ' ' || NEW.state) NOT IN
                ('asked sent', 'asked done', 'asked failed', 'sent done', 'sent failed', 'done failed'))
            OR (OLD.stripe_id <> '' AND NEW.stripe_id <> OLD.stripe_id)
            OR (OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at)
            OR (OLD.failed_at IS NOT NULL AND NEW.failed_at IS DISTINCT FROM OLD.failed_at)""",
    ),
    "orders_dispute": (
        "id stripe_id amount currency opened_at",
        """(OLD.payment_id IS NOT NULL AND NEW.payment_id IS DISTINCT FROM OLD.payment_id)
            OR (OLD.top_up_id IS NOT NULL AND NEW.top_up_id IS DISTINCT FROM OLD.top_up_id)
            OR (OLD.state <> 'open' AND (NEW.state, NEW.closed_at) IS DISTINCT FROM (OLD.state, OLD.closed_at))
            OR (OLD.settled_at IS NOT NULL AND (NEW.settled_at, NEW.settled_by_id, NEW.charged)
                IS DISTINCT FROM (OLD.settled_at, OLD.settled_by_id, OLD.charged))""",
    ),
    "orders_mandate": (
        "id household_id rail reference customer method notice_days consent signed_at signed_by_id",
        """(OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
            OR (NEW.holder <> OLD.holder AND (NEW.holder <> '' OR NEW.revoked_at IS NULL))
            OR (NEW.iban <> OLD.iban AND (NEW.iban <> '' OR NEW.revoked_at IS NULL))
            OR (NEW.last4 <> OLD.last4 AND (NEW.last4 <> '' OR NEW.revoked_at IS NULL))""",
    ),
    "orders_savedcard": (
        "id household_id customer method consent consented_at consented_by_id",
        """(OLD.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at)
            OR (NEW.last4 <> OLD.last4 AND (NEW.last4 <> '' OR NEW.removed_at IS NULL))""",
    ),
}  # fmt: skip

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


def kept(table: str) -> migrations.RunSQL:
    columns, refused = KEPT[table]
    new, old = (", ".join(f"{row}.{name}" for name in columns.split()) for row in ("NEW", "OLD"))
    return migrations.RunSQL(
        f"""CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} FOR EACH ROW
                WHEN (({new}) IS DISTINCT FROM ({old}) OR {refused}) EXECUTE FUNCTION cabas_refuse();
            CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION cabas_refuse();""",
        f"DROP TRIGGER {table}_keeps ON {table}; DROP TRIGGER {table}_stays ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_debits"), ("hub", "0017_guard_stripe")]
    operations = [
        *(kept(table) for table in KEPT),
        *(no_truncate(table) for table in (*KEPT, "orders_topup")),
    ]
