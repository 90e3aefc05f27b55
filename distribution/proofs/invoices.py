"""Invoices: numbered without gaps, and what they say is what the books and the orders say."""

from distribution.proofs.proof import Proof

INVOICES = (
    Proof(
        6,
        "a series of invoices has a gap",
        """WITH given AS (SELECT issuer, split_part(number, '-', 1) AS prefix, split_part(number, '-', 2)::int AS year,
                                 count(*) AS found, max(split_part(number, '-', 3)::int) AS highest
                          FROM distribution_invoice GROUP BY 1, 2, 3),
                 counted AS (SELECT s.issuer, p.prefix, s.year::int AS year, s.last FROM hub_series s
                             JOIN (VALUES ('fee-invoice', 'F'), ('invoice', 'M'), ('fee-credit', 'AF'),
                                          ('invoice-credit', 'AM')) p(kind, prefix) ON p.kind = s.kind)
            SELECT issuer || ' ' || prefix || '-' || year, coalesce(found, 0) || ' up to ' || coalesce(highest, 0),
                   coalesce(last, 0)::text
            FROM given FULL JOIN counted USING (issuer, prefix, year)
            WHERE found IS DISTINCT FROM highest OR coalesce(last, 0) <> coalesce(highest, 0)""",
    ),
    Proof(
        6,
        "an invoice is not the sum of its lines or of its rates",
        """SELECT i.issuer || ' ' || i.number, l.net || ' / ' || l.gross || ' / ' || r.vat,
                  i.net || ' / ' || i.total || ' / ' || i.vat
           FROM distribution_invoice i,
                LATERAL (SELECT sum((x ->> 'net')::numeric) AS net, sum((x ->> 'gross')::numeric) AS gross
                         FROM jsonb_array_elements(i.content -> 'lines') AS y(x)) l,
                LATERAL (SELECT sum((x ->> 'net')::numeric) AS net, sum((x ->> 'vat')::numeric) AS vat,
                                sum((x ->> 'gross')::numeric) AS gross
                         FROM jsonb_array_elements(i.content -> 'rates') AS y(x)) r
           WHERE (l.net, l.gross, r.net, r.vat, r.gross, (i.content ->> 'total')::numeric)
                 IS DISTINCT FROM (i.net, i.total, i.net, i.vat, i.total, i.total)""",
    ),
    Proof(
        6,
        "a fee invoice is not the fee that its statement kept back",
        """SELECT i.number, i.net || ' / ' || i.vat, (-f.net) || ' / ' || (-f.vat)
           FROM distribution_invoice i JOIN distribution_statement s ON s.id = i.statement_id, LATERAL (
               SELECT coalesce(sum(coalesce((e ->> 'net')::numeric, (e ->> 'gross')::numeric)), 0) AS net,
                      coalesce(sum((e ->> 'vat')::numeric), 0) AS vat
               FROM jsonb_array_elements(s.content -> 'entries') AS x(e) WHERE e ->> 'what' = 'hub-fee') f
           WHERE i.kind = 'fee-invoice' AND (i.net, i.vat) IS DISTINCT FROM (-f.net, -f.vat)""",
    ),
    Proof(
        6,
        "fee invoices are not what the books hold of the statements' fees",
        """SELECT i.number, i.total::text, coalesce(sum(t.amount), 0)::text
           FROM distribution_invoice i JOIN distribution_statementblock b ON b.statement_id = i.statement_id
           JOIN producers_producer p ON p.id = i.producer_id
           LEFT JOIN hub_transfer t ON t.reference IN ('settle:' || b.collection_id || ':hub:' || p.code,
                                                       'settle:' || b.collection_id || ':vat:' || p.code)
           WHERE i.kind = 'fee-invoice' GROUP BY i.id HAVING i.total IS DISTINCT FROM coalesce(sum(t.amount), 0)""",
    ),
    Proof(
        6,
        "a statement with fees has no fee invoice, or several",
        """SELECT s.number, coalesce(n.standing, 0)::text, '1' FROM distribution_statement s
           LEFT JOIN (SELECT i.statement_id, count(*) AS standing FROM distribution_invoice i
                      WHERE i.kind = 'fee-invoice' AND i.total > (
                          SELECT coalesce(sum(c.total), 0) FROM distribution_invoice c WHERE c.original_id = i.id)
                      GROUP BY 1) n ON n.statement_id = s.id
           WHERE s.content -> 'entries' @> '[{"what": "hub-fee"}]'
             AND (n.standing > 1 OR (n.standing IS NULL AND s.issued_at < now() - interval '1 day' AND NOT EXISTS (
                 SELECT 1 FROM distribution_invoice c WHERE c.statement_id = s.id AND c.correction_id IS NOT NULL) AND EXISTS (
                 SELECT 1 FROM hub_hub h WHERE h.legal_name <> '' AND h.address <> '' AND h.siret <> ''
                    AND (h.vat_number <> '' OR NOT h.vat_registered))))""",
    ),
    Proof(
        6,
        "an invoice in a farm's name is not what the household paid for",
        """SELECT i.issuer || ' ' || i.number, i.total::text, coalesce(l.paid, 0)::text
           FROM distribution_invoice i, LATERAL (
               SELECT sum(x.final_amount + x.deposit * x.delivered) AS paid FROM orders_orderline x
               WHERE x.order_id = i.order_id AND x.producer_id = i.producer_id) l
           WHERE i.kind = 'invoice' AND i.total IS DISTINCT FROM l.paid""",
    ),
    Proof(
        6,
        "a credit note is not what its correction gave back",
        """SELECT i.issuer || ' ' || i.number, i.total::text, abs(c.amount)::text
           FROM distribution_invoice i JOIN distribution_correction c ON c.id = i.correction_id
           WHERE i.total <> abs(c.amount) OR i.producer_id <> c.producer_id
              OR CASE WHEN i.issuer = 'hub' THEN i.statement_id IS DISTINCT FROM c.about_id OR NOT c.about_fee
                      ELSE i.household_id IS DISTINCT FROM c.household_id OR c.amount > 0 END""",
    ),
    Proof(
        7,
        "the VAT in a fee given back is still owed in the books",
        """SELECT i.number, coalesce(t.amount, 0)::text, i.vat::text FROM distribution_invoice i
           LEFT JOIN (SELECT x.reference, x.amount FROM hub_transfer x JOIN hub_account d ON d.id = x.debit_id
                      JOIN hub_account k ON k.id = x.credit_id
                      WHERE d.code = 'hub:vat' AND k.code = 'hub:income') t ON t.reference = 'invoice:' || i.number || ':vat'
           WHERE i.issuer = 'hub' AND i.correction_id IS NOT NULL AND coalesce(t.amount, 0) <> i.vat""",
    ),
    Proof(
        6,
        "more is credited than was invoiced",
        """SELECT i.issuer || ' ' || i.number, sum(c.total)::text, i.total::text
           FROM distribution_invoice i JOIN distribution_invoice c ON c.original_id = i.id
           GROUP BY i.id HAVING sum(c.total) > i.total OR sum(c.vat) > i.vat""",
    ),
)
