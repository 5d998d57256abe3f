-- Quotes, the deposits that were asked for on them, and the invoices they became.

CREATE TABLE quote (
    id                    uuid        PRIMARY KEY,
    organisation          uuid        NOT NULL REFERENCES organisation,
    clinic                uuid        NOT NULL REFERENCES clinic,
    client                uuid        NOT NULL REFERENCES client,
    number                text        NOT NULL,
    issued_on             date        NOT NULL,
    valid_until           date        NOT NULL,
    currency              char(3)     NOT NULL,
    total                 bigint      NOT NULL CHECK (total > 0),
    discount_basis_points int         CHECK (discount_basis_points BETWEEN 0 AND 10000),
    discount_amount       bigint      CHECK (discount_amount >= 0),
    declined              boolean     NOT NULL DEFAULT false,
    invoice               uuid        REFERENCES invoice, -- what it became
    version               bigint      NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT quote_number_once UNIQUE (organisation, number),
    CONSTRAINT quote_has_one_discount CHECK (num_nonnulls(discount_basis_points, discount_amount) <= 1),
    CONSTRAINT quote_has_one_end CHECK (NOT (declined AND invoice IS NOT NULL))
);
CREATE INDEX quote_in_order ON quote (organisation, id DESC);
SELECT fence_by_organisation('quote');

CREATE TABLE quote_line (
    quote                      uuid   NOT NULL REFERENCES quote,
    position                   int    NOT NULL,
    organisation               uuid   NOT NULL,
    label                      text   NOT NULL,
    quantity_thousandths       bigint NOT NULL,
    unit_price_ten_thousandths bigint NOT NULL,
    vat_basis_points           int    NOT NULL,
    discount_basis_points      int,
    discount_amount            bigint,
    CONSTRAINT quote_line_key PRIMARY KEY (quote, position)
);
SELECT fence_by_organisation('quote_line');

CREATE TABLE quote_vat (
    quote            uuid   NOT NULL REFERENCES quote,
    vat_basis_points int    NOT NULL,
    organisation     uuid   NOT NULL,
    base             bigint NOT NULL,
    vat              bigint NOT NULL,
    CONSTRAINT quote_vat_key PRIMARY KEY (quote, vat_basis_points)
);
SELECT fence_by_organisation('quote_vat');

ALTER TABLE invoice
    ADD COLUMN quote          uuid    REFERENCES quote,
    ADD COLUMN deposit        boolean NOT NULL DEFAULT false,
    ADD COLUMN payable_online boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT invoice_deposit_of_quote CHECK (NOT deposit OR quote IS NOT NULL);
CREATE INDEX invoice_of_quote ON invoice (quote, id) WHERE quote IS NOT NULL;

-- What a final invoice takes off because deposits billed it.
CREATE TABLE invoice_deduction (
    invoice          uuid   NOT NULL REFERENCES invoice,
    deposit          uuid   NOT NULL REFERENCES invoice,
    vat_basis_points int    NOT NULL,
    organisation     uuid   NOT NULL,
    base             bigint NOT NULL,
    vat              bigint NOT NULL,
    CONSTRAINT invoice_deduction_key PRIMARY KEY (invoice, deposit, vat_basis_points)
);
SELECT fence_by_organisation('invoice_deduction');

-- Quotes and what invoices were made of stay as they were written.
CREATE TRIGGER quote_line_is_immutable BEFORE UPDATE OR DELETE ON quote_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER quote_vat_is_immutable BEFORE UPDATE OR DELETE ON quote_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_deduction_is_immutable BEFORE UPDATE OR DELETE ON invoice_deduction
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_deduction_comes_before_issue BEFORE INSERT ON invoice_deduction
    FOR EACH ROW EXECUTE FUNCTION refuse_part_of_issued_invoice();
CREATE TRIGGER invoice_deduction_is_not_emptied BEFORE TRUNCATE ON invoice_deduction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();

CREATE FUNCTION refuse_change_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.invoice IS NOT NULL OR OLD.declined
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.client, OLD.number, OLD.issued_on, OLD.valid_until, OLD.currency,
            OLD.total, OLD.discount_basis_points, OLD.discount_amount)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.client, NEW.number, NEW.issued_on, NEW.valid_until,
            NEW.currency, NEW.total, NEW.discount_basis_points, NEW.discount_amount)
    THEN
        RAISE EXCEPTION 'quote % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_is_immutable BEFORE UPDATE OR DELETE ON quote
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_quote();

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.client, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at, OLD.discount_basis_points, OLD.discount_amount, OLD.sequence,
            OLD.hash, OLD.quote, OLD.deposit, OLD.payable_online)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.client, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at, NEW.discount_basis_points, NEW.discount_amount,
            NEW.sequence, NEW.hash, NEW.quote, NEW.deposit, NEW.payable_online))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- One deposit of a quote is payable online unless the organisation lifts that.
ALTER TABLE collecting_rules ADD COLUMN several_online_deposits boolean NOT NULL DEFAULT false;
