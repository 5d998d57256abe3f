-- Closes what the first guards of issued documents left open: emptied tables, parts added later, the organisation and
-- the reference of an invoice, and the deletion of a draft, which was skipped without a word.

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.client, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.client, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- A draft is written with all its parts before it is issued.
CREATE FUNCTION refuse_part_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM invoice WHERE id = NEW.invoice AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'the invoice is issued and gets no % any more', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_line_comes_before_issue BEFORE INSERT ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_part_of_issued_invoice();
CREATE TRIGGER invoice_vat_comes_before_issue BEFORE INSERT ON invoice_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_part_of_issued_invoice();

-- A credit note is written with all its shares at once: together they are its total, and no other can join them.
CREATE FUNCTION refuse_share_beyond_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM credit_note JOIN credit_note_vat ON credit_note_vat.credit_note = credit_note.id
        WHERE credit_note.id IN (SELECT added.credit_note FROM added)
        GROUP BY credit_note.id, credit_note.total
        HAVING sum(credit_note_vat.base + credit_note_vat.vat) <> credit_note.total
    ) THEN
        RAISE EXCEPTION 'the shares of a credit note are its total' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER credit_note_vat_is_its_total AFTER INSERT ON credit_note_vat
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_share_beyond_total();

CREATE TRIGGER invoice_is_not_emptied BEFORE TRUNCATE ON invoice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_line_is_not_emptied BEFORE TRUNCATE ON invoice_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_vat_is_not_emptied BEFORE TRUNCATE ON invoice_vat
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER credit_note_is_not_emptied BEFORE TRUNCATE ON credit_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER credit_note_vat_is_not_emptied BEFORE TRUNCATE ON credit_note_vat
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();
