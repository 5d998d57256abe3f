-- Discounts of lines and documents, and the chain of hashes that issued documents form in their series.

ALTER TABLE invoice_line
    ADD COLUMN discount_basis_points int CHECK (discount_basis_points BETWEEN 0 AND 10000),
    ADD COLUMN discount_amount       bigint CHECK (discount_amount >= 0),
    ADD CONSTRAINT invoice_line_has_one_discount CHECK (num_nonnulls(discount_basis_points, discount_amount) <= 1);

ALTER TABLE invoice
    ADD COLUMN discount_basis_points int CHECK (discount_basis_points BETWEEN 0 AND 10000),
    ADD COLUMN discount_amount       bigint CHECK (discount_amount >= 0),
    ADD COLUMN sequence              bigint, -- its place in its series; empty for what was issued before the chain
    ADD COLUMN hash                  text,   -- over the document and the hash of the one before
    ADD CONSTRAINT invoice_has_one_discount CHECK (num_nonnulls(discount_basis_points, discount_amount) <= 1),
    ADD CONSTRAINT invoice_chained_as_a_whole CHECK (num_nonnulls(sequence, hash) IN (0, 2));
CREATE INDEX invoice_in_chain ON invoice (clinic, extract(year FROM issued_on), sequence) WHERE sequence IS NOT NULL;

ALTER TABLE credit_note
    ADD COLUMN clinic   uuid REFERENCES clinic,
    ADD COLUMN sequence bigint,
    ADD COLUMN hash     text,
    ADD CONSTRAINT credit_note_chained_as_a_whole CHECK (num_nonnulls(clinic, sequence, hash) IN (0, 3));
CREATE INDEX credit_note_in_chain ON credit_note (clinic, extract(year FROM issued_on), sequence)
    WHERE sequence IS NOT NULL;
CREATE INDEX credit_note_of_invoice ON credit_note (invoice, id);

-- The hash of the last document of a series.
ALTER TABLE document_series ADD COLUMN hash text;

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.client, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at, OLD.discount_basis_points, OLD.discount_amount, OLD.sequence,
            OLD.hash)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.client, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at, NEW.discount_basis_points, NEW.discount_amount,
            NEW.sequence, NEW.hash))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
