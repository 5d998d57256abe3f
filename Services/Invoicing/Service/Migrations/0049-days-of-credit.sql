-- On which day something of a payment last became credit again: freed by a credit note that a person wrote, or given
-- back and returned. It is counted for nothing before that. Of before, the trail says which notes freed something.
SELECT set_config('quittance.organisation', 'every', true);
ALTER TABLE payment_on_account ADD COLUMN freed_on date;
UPDATE payment_on_account SET freed_on = freed.day
FROM (
    SELECT payment_on_account, max(day) AS day FROM (
        SELECT payment_on_account, returned_on AS day FROM refund WHERE returned_on IS NOT NULL
        UNION ALL
        SELECT payment_on_account, issued_on
        FROM credit_note JOIN audit_entry ON audit_entry.organisation = credit_note.organisation
                AND subject = credit_note.invoice AND action = 'credit-note-written'
                AND after::jsonb ->> 'id' = credit_note.id::text AND after::jsonb ->> 'freed' IS NOT NULL
            JOIN allocation ON allocation.invoice = credit_note.invoice
    ) AS told GROUP BY payment_on_account
) AS freed
WHERE payment_on_account.id = freed.payment_on_account AND unallocated > 0;
