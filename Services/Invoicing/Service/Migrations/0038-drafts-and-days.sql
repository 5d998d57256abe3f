-- A draft may be written anew: its lines and its VAT go and come again. Once it is issued, or given up, they stay; who
-- takes them off waits for whoever is issuing it.
CREATE FUNCTION refuse_removal_from_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM invoice WHERE id = OLD.invoice AND number IS NULL AND NOT cancelled FOR SHARE;
    IF FOUND THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% rows never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER invoice_line_is_immutable ON invoice_line;
CREATE TRIGGER invoice_line_is_immutable BEFORE UPDATE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_line();
CREATE TRIGGER invoice_line_goes_with_draft BEFORE DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_removal_from_document();
DROP TRIGGER invoice_vat_is_immutable ON invoice_vat;
CREATE TRIGGER invoice_vat_is_immutable BEFORE UPDATE ON invoice_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER invoice_vat_goes_with_draft BEFORE DELETE ON invoice_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_removal_from_document();
