"""What corrections changed of the farms' sales, for the exports: by the day they were noted, with VAT where it is known.

A sale is between a farm and a household: corrections between those two count, those with the cooperative do not. The VAT is
known where a credit note told it, or where the farm charges none; else the rate and the VAT stay empty.
"""

# One row per farm, span of time and rate; `span` is day or month. Amounts above zero are the farm's.
CORRECTED = """
    SELECT date_trunc(%(span)s, m.at AT TIME ZONE %(zone)s)::date, p.code, coalesce(nullif(p.legal_name, ''), p.name),
           p.siret, m.rate, 'correction', 0, sum(m.gross), sum(m.net), sum(m.vat)
    FROM (SELECT c.noted_at AS at, c.producer_id, (r ->> 'rate')::numeric(4, 2) AS rate, -(r ->> 'gross')::numeric AS gross,
                 -(r ->> 'net')::numeric AS net, -(r ->> 'vat')::numeric AS vat
          FROM distribution_correction c JOIN distribution_invoice i ON i.correction_id = c.id,
               LATERAL jsonb_array_elements(i.content -> 'rates') r
          WHERE c.household_id IS NOT NULL AND c.noted_at >= %(begins)s AND c.noted_at < %(ends)s
          UNION ALL
          SELECT c.noted_at, c.producer_id, NULL, c.amount, CASE WHEN f.vat_regime <> 'standard' THEN c.amount END,
                 CASE WHEN f.vat_regime <> 'standard' THEN 0.00 END
          FROM distribution_correction c JOIN producers_producer f ON f.id = c.producer_id
          WHERE c.household_id IS NOT NULL AND c.noted_at >= %(begins)s AND c.noted_at < %(ends)s
            AND NOT EXISTS (SELECT 1 FROM distribution_invoice i WHERE i.correction_id = c.id)) m
    JOIN producers_producer p ON p.id = m.producer_id
    GROUP BY 1, p.id, m.rate, m.net IS NULL
"""
