-- Who bills, who is billed, what was billed and what was paid. Amounts are minor units with their currency.

CREATE TABLE organisation (
    organisation uuid        PRIMARY KEY,
    name         text        NOT NULL,
    siren        text,
    created_at   timestamptz NOT NULL DEFAULT now()
);
SELECT fence_by_organisation('organisation');

CREATE TABLE clinic (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    code         text        NOT NULL,
    name         text        NOT NULL,
    time_zone    text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT clinic_code_once UNIQUE (organisation, code)
);
SELECT fence_by_organisation('clinic');

-- The phone finds a client, the id is the client: a number can change hands.
CREATE TABLE client (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    clinic       uuid        NOT NULL REFERENCES clinic,
    last_name    text        NOT NULL,
    first_name   text        NOT NULL,
    phone        text,
    email        text,
    language     text        NOT NULL,
    town         text        NOT NULL,
    country      char(2)     NOT NULL,
    reference    text, -- in the practice's own software
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT client_phone_once UNIQUE (organisation, phone),
    CONSTRAINT client_reference_once UNIQUE (organisation, reference)
);
SELECT fence_by_organisation('client');

-- The last number given in a series; its row lock makes the numbers gap-free.
CREATE TABLE document_series (
    organisation uuid   NOT NULL,
    clinic       uuid   NOT NULL REFERENCES clinic,
    kind         text   NOT NULL,
    year         int    NOT NULL,
    last         bigint NOT NULL,
    CONSTRAINT document_series_key PRIMARY KEY (clinic, kind, year)
);
SELECT fence_by_organisation('document_series');

CREATE TABLE invoice (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    clinic       uuid        NOT NULL REFERENCES clinic,
    client       uuid        NOT NULL REFERENCES client,
    reference    text, -- in the practice's own software
    currency     char(3)     NOT NULL,
    total        bigint      NOT NULL CHECK (total >= 0),
    paid         bigint      NOT NULL DEFAULT 0 CHECK (paid >= 0),
    credited     bigint      NOT NULL DEFAULT 0 CHECK (credited >= 0),
    due_on       date        NOT NULL,
    number       text,
    issued_on    date,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invoice_never_overpaid CHECK (paid + credited <= total),
    CONSTRAINT invoice_issued_as_a_whole CHECK ((number IS NULL) = (issued_on IS NULL)),
    CONSTRAINT invoice_number_once UNIQUE (organisation, number),
    CONSTRAINT invoice_reference_once UNIQUE (organisation, reference)
);
CREATE INDEX invoice_by_client ON invoice (client, due_on, id);
CREATE INDEX invoice_in_order ON invoice (organisation, id DESC);
SELECT fence_by_organisation('invoice');

CREATE TABLE invoice_line (
    invoice                   uuid   NOT NULL REFERENCES invoice,
    position                  int    NOT NULL,
    organisation              uuid   NOT NULL,
    label                     text   NOT NULL,
    quantity_thousandths      bigint NOT NULL,
    unit_price_ten_thousandths bigint NOT NULL,
    vat_basis_points          int    NOT NULL,
    CONSTRAINT invoice_line_key PRIMARY KEY (invoice, position)
);
SELECT fence_by_organisation('invoice_line');

CREATE TABLE invoice_vat (
    invoice          uuid   NOT NULL REFERENCES invoice,
    vat_basis_points int    NOT NULL,
    organisation     uuid   NOT NULL,
    base             bigint NOT NULL,
    vat              bigint NOT NULL,
    CONSTRAINT invoice_vat_key PRIMARY KEY (invoice, vat_basis_points)
);
SELECT fence_by_organisation('invoice_vat');

CREATE TABLE credit_note (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    invoice      uuid        NOT NULL REFERENCES invoice,
    client       uuid        NOT NULL REFERENCES client,
    number       text        NOT NULL,
    issued_on    date        NOT NULL,
    currency     char(3)     NOT NULL,
    total        bigint      NOT NULL CHECK (total > 0),
    reason       text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credit_note_number_once UNIQUE (organisation, number)
);
CREATE INDEX credit_note_by_client ON credit_note (client, issued_on);
SELECT fence_by_organisation('credit_note');

CREATE TABLE credit_note_vat (
    credit_note      uuid   NOT NULL REFERENCES credit_note,
    vat_basis_points int    NOT NULL,
    organisation     uuid   NOT NULL,
    base             bigint NOT NULL,
    vat              bigint NOT NULL,
    CONSTRAINT credit_note_vat_key PRIMARY KEY (credit_note, vat_basis_points)
);
SELECT fence_by_organisation('credit_note_vat');

-- Money received from a client: amount = allocated + unallocated + refunded, always.
CREATE TABLE payment_on_account (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    clinic       uuid,
    client       uuid        NOT NULL REFERENCES client,
    method       text        NOT NULL,
    payment      uuid, -- the online payment it is
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    allocated    bigint      NOT NULL CHECK (allocated >= 0),
    unallocated  bigint      NOT NULL CHECK (unallocated >= 0),
    refunded     bigint      NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    received_on  date        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_on_account_adds_up CHECK (amount = allocated + unallocated + refunded),
    CONSTRAINT payment_recorded_once UNIQUE (payment)
);
CREATE INDEX payment_on_account_by_client ON payment_on_account (client, received_on);
CREATE INDEX payment_on_account_in_order ON payment_on_account (organisation, id DESC);
SELECT fence_by_organisation('payment_on_account');

CREATE TABLE allocation (
    payment_on_account uuid   NOT NULL REFERENCES payment_on_account,
    invoice            uuid   NOT NULL REFERENCES invoice,
    organisation       uuid   NOT NULL,
    position           int    NOT NULL,
    amount             bigint NOT NULL CHECK (amount >= 0), -- less what was taken back
    CONSTRAINT allocation_key PRIMARY KEY (payment_on_account, invoice)
);
SELECT fence_by_organisation('allocation');

-- Money that went back to a client.
CREATE TABLE refund (
    id                 uuid   PRIMARY KEY,
    organisation       uuid   NOT NULL,
    payment_on_account uuid   NOT NULL REFERENCES payment_on_account,
    client             uuid   NOT NULL REFERENCES client,
    currency           char(3) NOT NULL,
    amount             bigint NOT NULL CHECK (amount > 0),
    refunded_on        date   NOT NULL
);
CREATE INDEX refund_by_client ON refund (client, refunded_on);
SELECT fence_by_organisation('refund');

-- An issued document never changes; what corrects it is a credit note.
CREATE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.number, OLD.issued_on, OLD.total, OLD.currency, OLD.clinic, OLD.client, OLD.due_on)
        IS DISTINCT FROM (NEW.number, NEW.issued_on, NEW.total, NEW.currency, NEW.clinic, NEW.client, NEW.due_on))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_is_immutable BEFORE UPDATE OR DELETE ON invoice
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_issued_invoice();

CREATE FUNCTION refuse_change_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER invoice_line_is_immutable BEFORE UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_vat_is_immutable BEFORE UPDATE OR DELETE ON invoice_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER credit_note_is_immutable BEFORE UPDATE OR DELETE ON credit_note
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER credit_note_vat_is_immutable BEFORE UPDATE OR DELETE ON credit_note_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
