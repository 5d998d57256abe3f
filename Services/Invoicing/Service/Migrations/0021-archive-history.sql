-- When credit was put away and taken out again: a statement of the past stays what it was, whatever is restored since.
CREATE TABLE credit_archive (
    payment_on_account uuid        NOT NULL REFERENCES payment_on_account,
    organisation       uuid        NOT NULL,
    amount             bigint      NOT NULL CHECK (amount > 0),
    archived_on        date        NOT NULL,
    archived_by        text        NOT NULL,
    reason             text,
    restored_on        date,
    restored_by        text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    -- Days are said by people; these tell which of several movements of one day was first.
    restored_at        timestamptz,
    CONSTRAINT credit_restored_as_a_whole CHECK (num_nulls(restored_on, restored_by, restored_at) IN (0, 3)),
    CONSTRAINT credit_restored_after_archiving CHECK (restored_on >= archived_on)
);
CREATE INDEX credit_archive_of_payment ON credit_archive (payment_on_account);
CREATE UNIQUE INDEX credit_archived_once ON credit_archive (payment_on_account) WHERE restored_on IS NULL;
SELECT fence_by_organisation('credit_archive');

SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO credit_archive (payment_on_account, organisation, amount, archived_on, archived_by)
SELECT id, organisation, archived, archived_on, coalesce((
    SELECT actor FROM audit_entry
    WHERE audit_entry.organisation = payment_on_account.organisation AND subject = payment_on_account.id
        AND action = 'payment-archived' ORDER BY audit_entry.id DESC LIMIT 1), '')
FROM payment_on_account WHERE archived > 0;

-- Why somebody put it away, and why a settlement was undone.
ALTER TABLE payment_on_account ADD COLUMN archived_reason text;
ALTER TABLE settlement ADD COLUMN undone_reason text;
