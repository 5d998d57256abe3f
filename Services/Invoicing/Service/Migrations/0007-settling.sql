-- What is given up of debts, and credit that is put away.

ALTER TABLE invoice
    ADD COLUMN written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
    DROP CONSTRAINT invoice_never_overpaid,
    ADD CONSTRAINT invoice_never_overpaid CHECK (paid + credited + written_off <= total);
ALTER TABLE receivable
    ADD COLUMN written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
    DROP CONSTRAINT receivable_never_overpaid,
    ADD CONSTRAINT receivable_never_overpaid CHECK (paid + credited + written_off <= amount);
ALTER TABLE payment_on_account
    ADD COLUMN archived    bigint NOT NULL DEFAULT 0 CHECK (archived >= 0),
    ADD COLUMN archived_on date,
    DROP CONSTRAINT payment_on_account_adds_up,
    ADD CONSTRAINT payment_on_account_adds_up
        CHECK (amount = allocated + unallocated + refunded + reversed + archived),
    ADD CONSTRAINT payment_archived_as_a_whole CHECK ((archived = 0) = (archived_on IS NULL));

-- Debts of a client and a period that were closed, and who decided it.
CREATE TABLE settlement (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    client       uuid        NOT NULL REFERENCES client,
    first_day    date        NOT NULL,
    last_day     date        NOT NULL,
    reason       text        NOT NULL,
    author       text        NOT NULL,
    currency     char(3)     NOT NULL,
    settled_on   date        NOT NULL,
    undone_on    date,
    undone_by    text,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settlement_undone_as_a_whole CHECK ((undone_on IS NULL) = (undone_by IS NULL))
);
CREATE INDEX settlement_of_client ON settlement (organisation, client, id DESC);
SELECT fence_by_organisation('settlement');

-- What was given up of each debt; it stays when the settlement is undone.
CREATE TABLE settlement_part (
    settlement   uuid   NOT NULL REFERENCES settlement,
    position     int    NOT NULL,
    organisation uuid   NOT NULL,
    invoice      uuid   REFERENCES invoice,
    receivable   uuid   REFERENCES receivable,
    amount       bigint NOT NULL CHECK (amount > 0),
    CONSTRAINT settlement_part_key PRIMARY KEY (settlement, position),
    CONSTRAINT settlement_part_of_one_debt CHECK (num_nonnulls(invoice, receivable) = 1)
);
SELECT fence_by_organisation('settlement_part');
CREATE TRIGGER settlement_part_is_immutable BEFORE UPDATE OR DELETE ON settlement_part
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
