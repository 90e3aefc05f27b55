"""What somebody with the database in hand might try: one statement of SQL each, by the name of the deed."""

from tests.faults import attacks_on_cards

ONE_TRANSFER = "(SELECT min(id) FROM hub_transfer WHERE reference LIKE 'settle:%')"
ONE_SHEET = "(SELECT min(id) FROM distribution_sheet WHERE kind = 'packing')"
SETTLED = "(SELECT id FROM hub_collection WHERE settled_at IS NOT NULL)"
HALF_CLOSED = "(SELECT collection_id FROM distribution_closing WHERE frozen_at IS NULL)"
COUNTED = (
    f"(SELECT id FROM hub_collection WHERE counted_at IS NOT NULL AND settled_at IS NULL AND id NOT IN {HALF_CLOSED})"
)
POST = "INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at, reverses_id)"
CLOSE = """INSERT INTO hub_closedperiod
    (kind, code, begins, ends, closed_at, entries, total, currency, perpetual, previous, digest)"""
CLOSED = ", now(), 0, 0, 'EUR', 0, '', '' FROM hub_closedperiod"
COPY_SHEET = """INSERT INTO distribution_sheet (kind, collection_id, week, producer_id, version, content, sha256, extracted_at)
    SELECT kind, {collection}, week, producer_id, {version}, content, sha256, now() FROM distribution_sheet WHERE id = """
BANK_LINE = "file_id, fingerprint, day, value_day, amount, currency, label, party, party_iban, end_to_end"
BANK_MATCH = "line_id, kind, amount, currency, household_id, linked_id, transfer_id, reason, at"

COPY_INVOICE = """INSERT INTO distribution_invoice (kind, issuer, number, producer_id, statement_id, turn, content, sha256, net,
        vat, total, currency, issued_on, issued_at)
    SELECT kind, issuer, {number}, producer_id, statement_id, {turn}, content || jsonb_build_object('number', {number}::text),
        sha256, net, vat, total, currency, issued_on, issued_at FROM distribution_invoice WHERE kind = 'fee-invoice' LIMIT 1"""

ATTACKS = {
    "another PDF than was handed out": "UPDATE distribution_keptpaper SET sha256 = repeat('0', 64)",
    "hand over what is not closed yet": f"""UPDATE hub_collection SET status = 'in_progress', begun_at = now()
        WHERE id = {HALF_CLOSED}""",
    "edit a transfer": f"UPDATE hub_transfer SET amount = amount + 1 WHERE id = {ONE_TRANSFER}",
    "edit only a memo": f"UPDATE hub_transfer SET memo = 'a gift' WHERE id = {ONE_TRANSFER}",
    "delete a transfer": f"DELETE FROM hub_transfer WHERE id = {ONE_TRANSFER}",
    "empty the ledger": "TRUNCATE hub_transfer CASCADE",
    "empty it by its accounts": "TRUNCATE hub_account CASCADE",
    "post a fact twice": f"""{POST} SELECT reference, debit_id, credit_id, amount, currency, memo, now(), now(), NULL
        FROM hub_transfer WHERE reference LIKE 'payment:%'""",
    "post to a settled sale": f"""{POST} SELECT 'late', debit_id, credit_id, 1, currency, '', now(), now(), NULL
        FROM hub_transfer WHERE id = {ONE_TRANSFER}""",
    "reverse a settlement": f"""{POST} SELECT 'late', credit_id, debit_id, amount, currency, '', now(), now(), id
        FROM hub_transfer WHERE id = {ONE_TRANSFER}""",
    "reverse more than there was": f"""{POST} SELECT 'more', credit_id, debit_id, amount + 1, currency, '', now(), now(), id
        FROM hub_transfer WHERE reference = 'of yesterday'""",
    "move nothing": f"""{POST} SELECT 'none', debit_id, credit_id, 0, currency, '', now(), now(), NULL
        FROM hub_transfer WHERE reference LIKE 'payment:%'""",
    "move less than nothing": f"""{POST} SELECT 'less', debit_id, credit_id, -5, currency, '', now(), now(), NULL
        FROM hub_transfer WHERE reference LIKE 'payment:%'""",
    "post to a closed day": f"""{POST} SELECT 'late', debit_id, credit_id, 1, currency, '', occurred_at, now(), NULL
        FROM hub_transfer WHERE reference = 'of yesterday'""",
    "edit a closed day": "UPDATE hub_closedperiod SET digest = repeat('0', 64)",
    "open a day again": "DELETE FROM hub_closedperiod",
    "empty the closings": "TRUNCATE hub_closedperiod",
    "close tomorrow today": f"{CLOSE} SELECT 'day', 'x', max(ends), now() + interval '1 day' {CLOSED}",
    "skip a day": f"{CLOSE} SELECT 'day', 'x', max(ends) + interval '1 day', max(ends) + interval '2 days' {CLOSED}",
    "close a year early": f"{CLOSE} SELECT 'year', '1999', min(begins), min(begins) + interval '1 hour' {CLOSED}",
    "edit what Stripe told": "UPDATE hub_stripemovement SET amount = amount + 1",
    "forget what Stripe told": "DELETE FROM hub_stripemovement",
    "edit a comparison": "UPDATE distribution_stripecheck SET ledger = balance",
    "forget a difference": "DELETE FROM distribution_stripefinding",
    "play a difference down": "UPDATE distribution_stripefinding SET subject = 'x'",
    "turn an account round": "UPDATE hub_account SET kind = 'asset' WHERE code LIKE 'household:%'",
    "give an account to another": "UPDATE hub_account SET household_id = NULL WHERE household_id IS NOT NULL",
    "give a number twice": "UPDATE hub_series SET last = last - 1",
    "skip a number": "UPDATE hub_series SET last = last + 2",
    "forget a series": "DELETE FROM hub_series",
    "settle again": f"UPDATE hub_collection SET settled_at = NULL WHERE id = {SETTLED}",
    "never have counted": f"UPDATE hub_collection SET status = 'open', counted_at = NULL WHERE id = {COUNTED}",
    "prolong what is counted": f"UPDATE hub_collection SET closes_at = closes_at + interval '1 hour' WHERE id = {COUNTED}",
    "order after the count": f"UPDATE orders_orderline SET quantity = 9, due = 9 WHERE collection_id = {COUNTED}",
    "forget an order line": f"DELETE FROM orders_orderline WHERE collection_id = {COUNTED}",
    "empty the orders": "TRUNCATE orders_order CASCADE",
    "lower a price": "UPDATE orders_orderline SET unit_price = 0.01",
    "bill another amount": """UPDATE orders_orderline SET final_amount = 0, producer_share = 0, host_share = 0, hub_share = 0
        WHERE final_amount IS NOT NULL""",
    "weigh after the settlement": "UPDATE orders_orderline SET weight_g = 1 WHERE final_amount IS NOT NULL AND weighed",
    "total another amount": "UPDATE orders_order SET final_total = 0 WHERE settled_at IS NOT NULL",
    "give an order to another": "UPDATE orders_order SET household_id = (SELECT max(id) FROM hub_household)",
    "change what was settled": f"""INSERT INTO distribution_linechange (line_id, collection_id, key, delta, reason, note, at)
        SELECT min(id), collection_id, 'late', -1, 'member', '', now() FROM orders_orderline
        WHERE collection_id = {SETTLED} GROUP BY collection_id""",
    "edit a change": "UPDATE distribution_linechange SET delta = -delta",
    "edit a payment": "UPDATE orders_payment SET amount = amount * 10",
    "delete a payment": "DELETE FROM orders_payment",
    "take back a confirmation": "DELETE FROM distribution_confirmation",
    "edit a sheet": f"UPDATE distribution_sheet SET content = content || '{{\"a\": 1}}' WHERE id = {ONE_SHEET}",
    "edit a sheet and its hash": f"UPDATE distribution_sheet SET content = '{{}}', sha256 = '' WHERE id = {ONE_SHEET}",
    "delete a sheet": f"DELETE FROM distribution_sheet WHERE id = {ONE_SHEET}",
    "empty the sheets": "TRUNCATE distribution_sheet CASCADE",
    "purge a sheet today": f"UPDATE distribution_sheet SET content = '{{}}', purged_at = now() WHERE id = {ONE_SHEET}",
    "a second version 1": COPY_SHEET.format(collection="collection_id", version=1) + ONE_SHEET,
    "a version out of turn": COPY_SHEET.format(collection="collection_id", version=7) + ONE_SHEET,
    "sheets of an open sale": COPY_SHEET.format(
        collection="(SELECT max(id) FROM hub_collection WHERE counted_at IS NULL)", version=1
    )
    + ONE_SHEET,
    "edit a statement": "UPDATE distribution_statement SET net = net + 100",
    "edit its content": "UPDATE distribution_statement SET content = content || '{\"a\": 1}'",
    "delete a statement": "DELETE FROM distribution_statement",
    "empty the statements": "TRUNCATE distribution_statement CASCADE",
    "edit a point's statement": "UPDATE distribution_pointstatement SET net = net + 100",
    "delete a point's statement": "DELETE FROM distribution_pointstatement",
    "empty the points' statements": "TRUNCATE distribution_pointstatement CASCADE",
    "edit what a point's statement tells": "UPDATE distribution_pointstatementblock SET net = net + 100",
    "delete what a point's statement tells": "DELETE FROM distribution_pointstatementblock",
    "empty what points' statements tell": "TRUNCATE distribution_pointstatementblock",
    "state a point's part of nothing settled": f"""INSERT INTO distribution_pointstatementblock
            (statement_id, collection_id, net, currency)
        SELECT statement_id, {COUNTED}, net, currency FROM distribution_pointstatementblock LIMIT 1""",
    "state a point's part twice": """INSERT INTO distribution_pointstatementblock (statement_id, collection_id, net, currency)
        SELECT statement_id, collection_id, net, currency FROM distribution_pointstatementblock""",
    "pay a point a second time": """INSERT INTO distribution_payout
            (point_statement_id, attempt, point_id, amount, currency, state, iban, bic, destination, stripe_id, reason, created_at)
        SELECT point_statement_id, 2, point_id, amount, currency, 'due', '', '', '', '', '', now()
        FROM distribution_payout WHERE point_id IS NOT NULL""",
    "state a sale twice": """INSERT INTO distribution_statementblock (statement_id, producer_id, collection_id, net, currency)
        SELECT statement_id, producer_id, collection_id, net, currency FROM distribution_statementblock""",
    "state what is not settled": f"""INSERT INTO distribution_statementblock
            (statement_id, producer_id, collection_id, net, currency)
        SELECT statement_id, producer_id, {COUNTED}, 50, currency FROM distribution_statementblock LIMIT 1""",
    "pay a farm again": "UPDATE distribution_payout SET paid_at = NULL WHERE paid_at IS NOT NULL",
    "pay somebody else": "UPDATE distribution_payout SET iban = 'FR00' WHERE paid_at IS NOT NULL",
    "pay more": "UPDATE distribution_payout SET amount = amount + 100",
    "delete a payout": "DELETE FROM distribution_payout",
    "a second payout": """INSERT INTO distribution_payout
            (statement_id, attempt, producer_id, amount, currency, state, iban, bic, destination, stripe_id, reason, created_at)
        SELECT statement_id, 2, producer_id, amount, currency, 'due', '', '', '', '', '', now()
        FROM distribution_payout WHERE state = 'paid'""",
    "a payout nobody stated": """INSERT INTO distribution_payout
            (statement_id, attempt, producer_id, amount, currency, state, iban, bic, destination, stripe_id, reason, created_at,
             failed_at)
        SELECT statement_id, 2, producer_id, amount + 5, currency, 'failed', 'FR00', '', '', '', 'mistake', now(), now()
        FROM distribution_payout WHERE state = 'due' AND point_id IS NULL""",
    "pay without a run": "UPDATE distribution_payout SET state = 'paid', paid_at = now(), posted_at = now() WHERE state = 'due'",
    "move a payout back": "UPDATE distribution_payout SET state = 'in-run' WHERE state = 'paid'",
    "forget that it was booked": """UPDATE distribution_payout SET state = 'failed', failed_at = now(), reason = 'mistake',
        posted_at = NULL WHERE state = 'paid'""",
    "give a run to somebody": "UPDATE distribution_payoutrun SET started_by_id = NULL",
    "delete a run": "DELETE FROM distribution_payoutrun",
    "edit a bank file": "UPDATE distribution_payoutfile SET content = '', sha256 = ''",
    "delete a bank file": "DELETE FROM distribution_payoutfile",
    "send a refund again": "UPDATE distribution_refund SET attempt = attempt + 1, paid_at = NULL, paid_by_id = NULL",
    "take cash back that is at the bank": "UPDATE orders_payment SET undone_at = now() WHERE key = 'carried'",
    "pay more credit back": "UPDATE distribution_paidback SET amount = amount + 1",
    "never have paid credit back": "DELETE FROM distribution_paidback",
    "raise a refund": "UPDATE distribution_refund SET amount = amount * 2",
    "edit an invoice": "UPDATE distribution_invoice SET total = total + 1, net = net + 1",
    "edit its words": 'UPDATE distribution_invoice SET content = content || \'{"about": ""}\'',
    "delete an invoice": "DELETE FROM distribution_invoice",
    "empty the invoices": "TRUNCATE distribution_invoice CASCADE",
    "an invoice with a number of its own": COPY_INVOICE.format(
        number="'F-' || extract(year FROM issued_on) || '-0009'", turn=9
    ),
    "the same number again": COPY_INVOICE.format(number="number", turn=9),
    "another file for an invoice": "UPDATE distribution_invoicefile SET sha256 = repeat('0', 64)",
    "no file for an invoice": "DELETE FROM distribution_invoicefile",
    "empty the files": "TRUNCATE distribution_invoicefile CASCADE",
    "another mandate": "UPDATE producers_billingmandate SET text = 'everything'",
    "a mandate withdrawn later": """UPDATE producers_billingmandate SET revoked_at = revoked_at + interval '9 days'
        WHERE revoked_at IS NOT NULL""",
    "no mandate at all": "DELETE FROM producers_billingmandate",
    "empty the mandates": "TRUNCATE producers_billingmandate CASCADE",
    "edit a line of the bank": "UPDATE distribution_bankline SET amount = amount + 100",
    "delete a line of the bank": "DELETE FROM distribution_bankline",
    "empty the lines of the bank": "TRUNCATE distribution_bankline CASCADE",
    "write a line of the bank twice": f"""INSERT INTO distribution_bankline ({BANK_LINE})
        SELECT {BANK_LINE} FROM distribution_bankline""",
    "give a bank line to another": "UPDATE distribution_bankmatch SET household_id = (SELECT max(id) FROM hub_household)",
    "use a bank line twice": f"""INSERT INTO distribution_bankmatch ({BANK_MATCH}, key, number)
        SELECT {BANK_MATCH}, key || 'again', number + 1 FROM distribution_bankmatch""",
    "forget what a bank line is": "DELETE FROM distribution_bankmatch",
    "take back a use unseen": "UPDATE distribution_bankmatch SET undone_at = now(), amount = 1",
    "lower a statement of the bank": "UPDATE distribution_bankfile SET closing = closing - 1 WHERE confirmed_at IS NOT NULL",
    "read it once more": "UPDATE distribution_bankfile SET confirmed_at = NULL WHERE confirmed_at IS NOT NULL",
    "forget a statement of the bank": "DELETE FROM distribution_bankfile WHERE confirmed_at IS NOT NULL",
    "take back what the bank has shown": f"""{POST}
        SELECT 'gone', t.credit_id, t.debit_id, t.amount, t.currency, '', now(), now(), t.id
        FROM hub_transfer t JOIN distribution_bankmatch m ON m.linked_id = t.id""",
    "edit a count": "UPDATE distribution_cashcount SET counted = counted + 1, note = 'x'",
    "forget a count": "DELETE FROM distribution_cashcount",
    "carry more to the bank": "UPDATE distribution_bankdeposit SET amount = amount + 100",
    "forget a slip": "DELETE FROM distribution_bankdeposit",
    "empty the slips": "TRUNCATE distribution_bankdeposit CASCADE",
    "hand a cheque in twice": """INSERT INTO distribution_depositedcheque (deposit_id, payment_id)
        SELECT deposit_id, payment_id FROM distribution_depositedcheque""",
    "hand cash in as a cheque": """INSERT INTO distribution_depositedcheque (deposit_id, payment_id)
        SELECT d.id, p.id FROM distribution_bankdeposit d, orders_payment p WHERE d.kind = 'cheques' AND p.means = 'transfer'""",
    "take a cheque off its slip": "DELETE FROM distribution_depositedcheque",
    "take back a cheque the bank has": """UPDATE orders_payment p SET undone_at = now()
        WHERE EXISTS (SELECT 1 FROM distribution_depositedcheque c WHERE c.payment_id = p.id)""",
    "forget that it bounced": "DELETE FROM distribution_bouncedcheque",
    "give more containers back": "UPDATE distribution_containerreturn SET count = count + 1",
    "bring back more than went out": """INSERT INTO distribution_containerreturn (household_id, collection_id, producer_id,
            deposit, currency, count, elsewhere, key, at, by_id, transfer_id)
        SELECT household_id, collection_id, producer_id, deposit, currency, 1000, true, 'more', at, by_id,
            (SELECT max(id) FROM hub_transfer) FROM distribution_containerreturn LIMIT 1""",
    "never have returned a bottle": "DELETE FROM distribution_containerreturn",
    "edit the journal": "UPDATE hub_activity SET verb = 'nothing'",
    "empty the journal": "TRUNCATE hub_activity",
} | attacks_on_cards.ATTACKS
