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

-- What was issued, received and recorded in a month is found by its days, of all clinics and of one.
CREATE INDEX invoice_by_day ON invoice (organisation, issued_on, id);
CREATE INDEX invoice_of_clinic_by_day ON invoice (clinic, issued_on, id);
CREATE INDEX credit_note_by_day ON credit_note (organisation, issued_on, id);
CREATE INDEX credit_note_of_clinic_by_day ON credit_note (clinic, issued_on, id);
CREATE INDEX quote_by_day ON quote (organisation, issued_on, id);
CREATE INDEX quote_of_clinic_by_day ON quote (clinic, issued_on, id);
CREATE INDEX payment_on_account_by_day ON payment_on_account (organisation, received_on, id);
CREATE INDEX payment_on_account_of_clinic_by_day ON payment_on_account (clinic, received_on, id);
CREATE INDEX receivable_by_day ON receivable (organisation, recorded_on, id);
CREATE INDEX receivable_of_clinic_by_day ON receivable (clinic, recorded_on, id);

-- Whoever corrects what a clinic is called, or its zone, says which version was seen.
ALTER TABLE clinic ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Quotes that nobody decided about, and those that were declined, are few among all.
CREATE INDEX quote_undecided_in_order ON quote (organisation, id DESC) WHERE invoice IS NULL AND NOT declined;
CREATE INDEX quote_declined_in_order ON quote (organisation, id DESC) WHERE declined;

-- What an entry of the trail tells of beside its subject, such as the debts that a payment was counted for.
CREATE TABLE audit_mention (
    organisation uuid NOT NULL REFERENCES organisation,
    subject      uuid NOT NULL,
    entry        uuid NOT NULL REFERENCES audit_entry,
    CONSTRAINT audit_mention_key PRIMARY KEY (organisation, subject, entry)
);
SELECT fence_by_organisation('audit_mention');
CREATE TRIGGER audit_mention_stays BEFORE UPDATE OR DELETE ON audit_mention
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
CREATE TRIGGER audit_mention_is_not_emptied BEFORE TRUNCATE ON audit_mention
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_part();

-- Entries from before say it in what they tell.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO audit_mention (organisation, subject, entry)
SELECT DISTINCT organisation, told.thing, id
FROM audit_entry CROSS JOIN LATERAL (
    SELECT (value #>> '{}')::uuid AS thing
    FROM jsonb_path_query(jsonb_build_array(before::jsonb, after::jsonb),
        'lax $[*] ? (@.type() == "object").keyvalue() ? (@.key == "allocations" || @.key == "parts").value[*].*'
    ) AS value
    WHERE jsonb_typeof(value) = 'string'
    UNION ALL SELECT (after::jsonb ->> 'id')::uuid
) AS told
WHERE action IN ('payment-collected', 'credit-applied', 'payment-reversed', 'online-payment-accepted',
        'payment-charged-back', 'debts-settled', 'settlement-undone', 'credit-note-written', 'clinic-added')
    AND told.thing <> subject;
