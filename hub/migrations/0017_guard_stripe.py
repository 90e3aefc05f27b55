"""What the database refuses of what passed between us and Stripe: another request under a key, a change made undone, an
event nobody sent. Without its call a change could be asked for twice."""

import importlib

from django.db import migrations

CALLS = """
CREATE TRIGGER hub_stripecall_keeps BEFORE UPDATE ON hub_stripecall FOR EACH ROW
    WHEN ((NEW.id, NEW.key, NEW.kind, NEW.request_hash, NEW.first_at)
            IS DISTINCT FROM (OLD.id, OLD.key, OLD.kind, OLD.request_hash, OLD.first_at)
        OR NEW.attempts < OLD.attempts
        OR (OLD.state = 'done' AND (NEW.state, NEW.stripe_id) IS DISTINCT FROM (OLD.state, OLD.stripe_id)))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER hub_stripecall_stays BEFORE DELETE ON hub_stripecall FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""

EVENTS = """
CREATE TRIGGER hub_stripeevent_keeps BEFORE UPDATE ON hub_stripeevent FOR EACH ROW
    WHEN ((NEW.id, NEW.stripe_id, NEW.kind, NEW.subject, NEW.received_at)
            IS DISTINCT FROM (OLD.id, OLD.stripe_id, OLD.kind, OLD.subject, OLD.received_at)
        OR (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER hub_stripeevent_stays BEFORE DELETE ON hub_stripeevent FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


def without(table: str) -> str:
    return f"DROP TRIGGER {table}_keeps ON {table}; DROP TRIGGER {table}_stays ON {table};"


class Migration(migrations.Migration):
    dependencies = [("hub", "0016_clearing_once")]
    operations = [
        migrations.RunSQL(CALLS, without("hub_stripecall")),
        migrations.RunSQL(EVENTS, without("hub_stripeevent")),
        no_truncate("hub_stripecall"),
        no_truncate("hub_stripeevent"),
    ]
