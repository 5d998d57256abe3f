-- What an online payment that waits was paid for never changes, an invoice or what is owed without one.
DROP TRIGGER waiting_payment_stays ON waiting_payment;
CREATE TRIGGER waiting_payment_stays BEFORE UPDATE OF payment, organisation, clinic, invoice, receivable, method,
    currency, amount, paid_on, held, created_at ON waiting_payment
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();

-- Money that came by a file is found in the trail by what it was counted for, of before too.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO audit_mention (organisation, subject, entry)
SELECT DISTINCT organisation, told.thing, id
FROM audit_entry CROSS JOIN LATERAL (
    SELECT (value #>> '{}')::uuid AS thing
    FROM jsonb_path_query(after::jsonb, 'lax $.allocations[*].keyvalue() ? (
        @.key == "invoiceID" || @.key == "receivableID").value') AS value
) AS told
WHERE action = 'payment-imported' AND told.thing <> subject
ON CONFLICT ON CONSTRAINT audit_mention_key DO NOTHING;
