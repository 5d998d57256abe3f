-- What providers owe, what they paid, what the bank received, and the double entry of all of it.

-- What a provider owes for one payment, from the payment's own events.
CREATE TABLE expectation (
    payment           uuid        PRIMARY KEY,
    organisation      uuid        NOT NULL,
    clinic            uuid,
    client            uuid        NOT NULL,
    invoice           uuid,
    provider          text        NOT NULL,
    provider_reference text       NOT NULL,
    currency          char(3)     NOT NULL,
    amount            bigint      NOT NULL CHECK (amount > 0),
    refunded          bigint      NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
    fee               bigint      NOT NULL, -- excluding VAT
    fee_vat           bigint      NOT NULL,
    is_held           boolean     NOT NULL,
    accepted_on       date        NOT NULL,
    expected_on       date        NOT NULL,
    payout            uuid, -- the payout its settlement line is in
    CONSTRAINT expectation_reference_once UNIQUE (organisation, provider, provider_reference)
);
CREATE INDEX expectation_by_day ON expectation (organisation, accepted_on, payment);
CREATE INDEX expectation_by_payout ON expectation (payout);
SELECT fence_by_organisation('expectation');

-- Refunds already counted in an expectation.
CREATE TABLE counted_refund (
    refund       uuid   PRIMARY KEY,
    organisation uuid   NOT NULL,
    payment      uuid   NOT NULL REFERENCES expectation,
    amount       bigint NOT NULL CHECK (amount > 0)
);
SELECT fence_by_organisation('counted_refund');

-- Numbers of invoices, so that people see what they know.
CREATE TABLE invoice_number (
    invoice      uuid PRIMARY KEY,
    organisation uuid NOT NULL,
    number       text NOT NULL
);
SELECT fence_by_organisation('invoice_number');

-- Money a provider says it sent to the bank.
CREATE TABLE payout (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    provider     text        NOT NULL,
    reference    text        NOT NULL,
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL,
    paid_on      date        NOT NULL,
    bank_line    uuid,
    rule         text,
    pointed_by   text,
    pointed_at   timestamptz,
    times_pointed int        NOT NULL DEFAULT 0,
    CONSTRAINT payout_reference_once UNIQUE (organisation, provider, reference),
    CONSTRAINT payout_of_one_bank_line UNIQUE (bank_line),
    CONSTRAINT payout_pointed_as_a_whole CHECK ((pointed_by IS NULL) = (pointed_at IS NULL))
);
CREATE INDEX payout_in_order ON payout (organisation, id DESC);
SELECT fence_by_organisation('payout');

-- One line of a provider's settlement report.
CREATE TABLE settlement_line (
    organisation      uuid    NOT NULL,
    provider          text    NOT NULL,
    reference         text    NOT NULL,
    kind              text    NOT NULL,
    payment_reference text,
    payment           uuid,
    payout            uuid    NOT NULL REFERENCES payout,
    currency          char(3) NOT NULL,
    gross             bigint  NOT NULL,
    fee               bigint  NOT NULL,
    CONSTRAINT settlement_line_once PRIMARY KEY (organisation, provider, reference)
);
CREATE INDEX settlement_line_by_payout ON settlement_line (payout);
SELECT fence_by_organisation('settlement_line');

CREATE TABLE bank_statement (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    iban         text    NOT NULL,
    reference    text    NOT NULL,
    currency     char(3) NOT NULL,
    opening      bigint  NOT NULL,
    closing      bigint  NOT NULL,
    CONSTRAINT bank_statement_once UNIQUE (organisation, iban, reference)
);
SELECT fence_by_organisation('bank_statement');

-- A booked movement of the bank; a statement that overlaps another brings it once.
CREATE TABLE bank_line (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    statement    uuid    NOT NULL REFERENCES bank_statement,
    iban         text    NOT NULL,
    reference    text    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL,
    booked_on    date    NOT NULL,
    description  text    NOT NULL,
    CONSTRAINT bank_line_once UNIQUE (organisation, iban, reference)
);
SELECT fence_by_organisation('bank_line');

-- The sub-ledger: append-only, every entry balanced.
CREATE TABLE ledger_entry (
    id           uuid PRIMARY KEY,
    organisation uuid NOT NULL,
    kind         text NOT NULL,
    subject      uuid NOT NULL,
    run          int  NOT NULL DEFAULT 1, -- pointing a payout again after it was undone books again
    booked_on    date NOT NULL,
    CONSTRAINT ledger_entry_once UNIQUE (kind, subject, run)
);
SELECT fence_by_organisation('ledger_entry');

CREATE TABLE ledger_line (
    entry        uuid    NOT NULL REFERENCES ledger_entry,
    position     int     NOT NULL,
    organisation uuid    NOT NULL,
    account      text    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL CHECK (amount <> 0), -- debit positive, credit negative
    CONSTRAINT ledger_line_key PRIMARY KEY (entry, position)
);
CREATE INDEX ledger_line_by_account ON ledger_line (organisation, account);
SELECT fence_by_organisation('ledger_line');

CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM ledger_line WHERE entry = NEW.entry) <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry();

CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_entry_is_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER ledger_line_is_append_only BEFORE UPDATE OR DELETE ON ledger_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();

-- What needs a person; one row for each thing that is wrong.
CREATE TABLE discrepancy (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    kind         text        NOT NULL,
    subject      text        NOT NULL, -- what it is about: a settlement line, a payout
    payment      uuid,
    payout       uuid,
    currency     char(3),
    amount       bigint,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    CONSTRAINT discrepancy_once UNIQUE (organisation, kind, subject)
);
CREATE INDEX discrepancy_open ON discrepancy (organisation, opened_at) WHERE closed_at IS NULL;
SELECT fence_by_organisation('discrepancy');
