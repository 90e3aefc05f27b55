"""The guard of postings finds its collection by code: comparing every settled collection made each posting slower than the last."""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("hub.migrations.0007_guard_books").OWN_TIME_AND_TRUTH.partition("CREATE TRIGGER")[0]
SLOW = """SELECT 1 FROM hub_account a JOIN hub_collection c ON a.code = 'clearing:' || c.code
               WHERE a.id IN (NEW.debit_id, NEW.credit_id) AND c.settled_at IS NOT NULL"""
FAST = """SELECT 1 FROM hub_account a CROSS JOIN LATERAL (
                   SELECT settled_at FROM hub_collection WHERE code = substr(a.code, 10) OFFSET 0) c
               WHERE a.id IN (NEW.debit_id, NEW.credit_id) AND a.code LIKE 'clearing:%' AND c.settled_at IS NOT NULL"""


def replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("hub", "0010_tokens_and_keys")]
    operations = [migrations.RunSQL(replaced(BEFORE.replace(SLOW, FAST)), replaced(BEFORE))]
