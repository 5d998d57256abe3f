-- How an organisation is paid, what is owed without an invoice, and what is noted at the till.

-- Methods an organisation changed or added; the others are as the program's defaults say.
CREATE TABLE payment_method (
    organisation       uuid        NOT NULL REFERENCES organisation,
    code               text        NOT NULL,
    kind               text        NOT NULL,
    label              text        NOT NULL,
    online             boolean     NOT NULL,
    active             boolean     NOT NULL,
    journal            text        NOT NULL,
    account            text        NOT NULL,
    commission_account text,
    version            bigint      NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_method_key PRIMARY KEY (organisation, code)
);
SELECT fence_by_organisation('payment_method');

-- What an organisation decided about taking money; the standard rules where there is no row.
CREATE TABLE collecting_rules (
    organisation      uuid    PRIMARY KEY REFERENCES organisation,
    cash_ceiling      bigint  NOT NULL CHECK (cash_ceiling >= 0),
    currency          char(3) NOT NULL,
    online_acceptance text    NOT NULL,
    version           bigint  NOT NULL DEFAULT 1
);
SELECT fence_by_organisation('collecting_rules');

-- What a client owes that is on no invoice.
CREATE TABLE receivable (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    clinic       uuid        NOT NULL REFERENCES clinic,
    client       uuid        NOT NULL REFERENCES client,
    label        text        NOT NULL,
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL CHECK (amount >= 0),
    paid         bigint      NOT NULL DEFAULT 0 CHECK (paid >= 0),
    credited     bigint      NOT NULL DEFAULT 0 CHECK (credited >= 0),
    recorded_on  date        NOT NULL,
    due_on       date        NOT NULL,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receivable_never_overpaid CHECK (paid + credited <= amount)
);
CREATE INDEX receivable_by_client ON receivable (client, due_on, id);
CREATE INDEX receivable_in_order ON receivable (organisation, id DESC);
SELECT fence_by_organisation('receivable');

-- What was given back of a receivable together with what had been paid for it.
CREATE TABLE receivable_credit (
    receivable   uuid   NOT NULL REFERENCES receivable,
    refund       uuid   NOT NULL REFERENCES refund,
    organisation uuid   NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    credited_on  date   NOT NULL,
    CONSTRAINT receivable_credit_key PRIMARY KEY (receivable, refund)
);
SELECT fence_by_organisation('receivable_credit');

-- A payment now also counts for what is on no invoice.
ALTER TABLE allocation DROP CONSTRAINT allocation_key;
ALTER TABLE allocation ALTER COLUMN invoice DROP NOT NULL;
ALTER TABLE allocation ADD COLUMN receivable uuid REFERENCES receivable;
ALTER TABLE allocation ADD CONSTRAINT allocation_of_one_debt CHECK (num_nonnulls(invoice, receivable) = 1);
CREATE UNIQUE INDEX allocation_to_invoice ON allocation (payment_on_account, invoice);
CREATE UNIQUE INDEX allocation_to_receivable ON allocation (payment_on_account, receivable);
CREATE INDEX allocation_of_invoice ON allocation (invoice) WHERE invoice IS NOT NULL;
CREATE INDEX allocation_of_receivable ON allocation (receivable) WHERE receivable IS NOT NULL;

-- What was noted at the till; all of it is empty for money that came online.
ALTER TABLE payment_on_account
    ADD COLUMN kind            text,
    ADD COLUMN receipt_number  text,
    ADD COLUMN payer           uuid REFERENCES client,
    ADD COLUMN payer_name      text,
    ADD COLUMN collected_by    text,
    ADD COLUMN tendered        bigint,
    ADD COLUMN cheque_number   text,
    ADD COLUMN cheque_bank     text,
    ADD COLUMN cheque_drawer   text,
    ADD COLUMN notes           text,
    ADD COLUMN reversed        bigint NOT NULL DEFAULT 0 CHECK (reversed >= 0),
    ADD COLUMN reversed_on     date,
    ADD COLUMN reversal_reason text,
    ADD COLUMN version         bigint NOT NULL DEFAULT 1,
    DROP CONSTRAINT payment_on_account_adds_up,
    ADD CONSTRAINT payment_on_account_adds_up CHECK (amount = allocated + unallocated + refunded + reversed),
    ADD CONSTRAINT payment_reversed_as_a_whole CHECK (
        (reversed = 0) = (reversed_on IS NULL) AND (reversed = 0) = (reversal_reason IS NULL)
            AND (reversed = 0 OR allocated + unallocated = 0)),
    ADD CONSTRAINT payment_noted_at_the_till CHECK (
        num_nonnulls(kind, receipt_number, collected_by) IN (0, 3) AND (tendered IS NULL OR tendered >= amount)),
    ADD CONSTRAINT receipt_number_once UNIQUE (organisation, receipt_number);

-- Online payments that a person has not accepted into the books yet.
CREATE TABLE waiting_payment (
    payment      uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    clinic       uuid,
    client       uuid        NOT NULL REFERENCES client,
    invoice      uuid, -- what it was paid for, served first
    method       text        NOT NULL,
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    paid_on      date        NOT NULL,
    held         boolean     NOT NULL, -- counted for nothing
    accepted_by  text,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX waiting_payment_in_order ON waiting_payment (organisation, payment DESC) WHERE accepted_by IS NULL;
CREATE INDEX waiting_payment_of_invoice ON waiting_payment (invoice) WHERE accepted_by IS NULL;
SELECT fence_by_organisation('waiting_payment');

-- What people changed, before and after; append-only.
CREATE TABLE audit_entry (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    subject      uuid        NOT NULL,
    action       text        NOT NULL,
    actor        text        NOT NULL,
    before       text,       -- JSON
    after        text,       -- JSON
    occurred_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entry_of_subject ON audit_entry (organisation, subject, id DESC);
SELECT fence_by_organisation('audit_entry');
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER audit_entry_is_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
