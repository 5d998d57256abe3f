-- Of a client who is forgotten every word goes that stands in no issued invoice or credit note: reasons, lines of what
-- was given up, and what is noted of cheques. What another software calls a debt or a payment stays, since the same one
-- is taken in once.

-- A value of the trail without words: what is left are amounts, days, ids, and words of the program's own.
CREATE FUNCTION without_words(value jsonb, name text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(member.key,
                CASE member.key WHEN 'cheque' THEN '"–"' ELSE without_words(member.value, member.key) END), '{}')
            FROM jsonb_each(value) AS member)
        WHEN 'array' THEN (SELECT coalesce(jsonb_agg(without_words(element, name) ORDER BY place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS item (element, place))
        WHEN 'string' THEN CASE
            WHEN name = ANY ('{status,number,receiptNumber,currency,method,kind,nature,code,language,country,
                    author,undoneBy,collectedBy}') THEN value
            WHEN value #>> '{}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN value
            WHEN value #>> '{}' ~ '^\d{4}-\d\d-\d\d(T[0-9:.]+Z)?$' THEN value
            ELSE '"–"' END
        ELSE value END;
END $$;

CREATE OR REPLACE FUNCTION without_person(entry text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    without_words(entry::jsonb, NULL)::text;

-- Lines stay as they were written, but for their words once what they are of is given up, or lives on as an invoice.
CREATE FUNCTION refuse_change_of_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.label = '–' AND num_nonnulls(NEW.practitioner, NEW.exemption) = 0
        AND to_jsonb(NEW) - '{label,practitioner,exemption}'::text[]
            = to_jsonb(OLD) - '{label,practitioner,exemption}'::text[]
        AND (CASE TG_TABLE_NAME
            WHEN 'invoice_line' THEN EXISTS (
                SELECT FROM invoice WHERE id = (to_jsonb(OLD) ->> 'invoice')::uuid AND cancelled)
            ELSE EXISTS (
                SELECT FROM quote
                WHERE id = (to_jsonb(OLD) ->> 'quote')::uuid AND (declined OR invoice IS NOT NULL)) END)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% rows never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER invoice_line_is_immutable ON invoice_line;
CREATE TRIGGER invoice_line_is_immutable BEFORE UPDATE OR DELETE ON invoice_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_line();
DROP TRIGGER quote_line_is_immutable ON quote_line;
CREATE TRIGGER quote_line_is_immutable BEFORE UPDATE OR DELETE ON quote_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_line();

-- A quote that became an invoice says nothing the invoice does not say.
CREATE OR REPLACE FUNCTION refuse_change_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.number, OLD.issued_on, OLD.valid_until, OLD.currency,
            OLD.total, OLD.discount_basis_points, OLD.discount_amount)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.number, NEW.issued_on, NEW.valid_until,
            NEW.currency, NEW.total, NEW.discount_basis_points, NEW.discount_amount)
        OR NEW.notes IS DISTINCT FROM OLD.notes
            AND NOT ((NEW.declined OR OLD.invoice IS NOT NULL) AND NEW.notes IS NULL)
        OR NEW.delivery_address IS DISTINCT FROM OLD.delivery_address
            AND NOT ((NEW.declined OR OLD.invoice IS NOT NULL) AND NEW.delivery_address IS NULL)
        OR NOT goes_with_client(OLD.client, NEW.client)
        OR (OLD.invoice IS NOT NULL OR OLD.declined)
            AND (NEW.client = OLD.client AND NEW.notes IS NOT DISTINCT FROM OLD.notes
                    AND NEW.delivery_address IS NOT DISTINCT FROM OLD.delivery_address
                OR (OLD.invoice, OLD.declined) IS DISTINCT FROM (NEW.invoice, NEW.declined))
    THEN
        RAISE EXCEPTION 'quote % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- So it is from now on, and of those who were forgotten before.
SELECT set_config('quittance.organisation', 'every', true);
UPDATE invoice SET notes = NULL, delivery_address = NULL, reference = NULL, version = invoice.version + 1
FROM client
WHERE client.id = invoice.client AND client.erased_on IS NOT NULL AND invoice.number IS NULL
    AND num_nonnulls(invoice.notes, invoice.delivery_address, invoice.reference) > 0;
UPDATE invoice_line SET label = '–', practitioner = NULL, exemption = NULL
FROM invoice JOIN client ON client.id = invoice.client
WHERE invoice.id = invoice_line.invoice AND client.erased_on IS NOT NULL AND invoice.cancelled;
UPDATE quote SET notes = NULL, delivery_address = NULL, version = quote.version + 1
FROM client
WHERE client.id = quote.client AND client.erased_on IS NOT NULL
    AND num_nonnulls(quote.notes, quote.delivery_address) > 0;
UPDATE quote_line SET label = '–', practitioner = NULL, exemption = NULL
FROM quote JOIN client ON client.id = quote.client
WHERE quote.id = quote_line.quote AND client.erased_on IS NOT NULL;
UPDATE payment_on_account SET payer_name = NULL, cheque_number = NULL, cheque_bank = NULL, cheque_drawer = NULL,
    notes = NULL, archived_reason = NULL
FROM client
WHERE client.id IN (payment_on_account.client, payment_on_account.payer) AND client.erased_on IS NOT NULL;
UPDATE credit_archive SET reason = NULL
FROM payment_on_account JOIN client ON client.id IN (payment_on_account.client, payment_on_account.payer)
WHERE payment_on_account.id = credit_archive.payment_on_account AND client.erased_on IS NOT NULL;
UPDATE settlement SET reason = '–', undone_reason = NULL, version = settlement.version + 1
FROM client WHERE client.id = settlement.client AND client.erased_on IS NOT NULL;
-- Some told of a forgotten client without its id: what is about its documents, debts and money.
UPDATE audit_entry SET before = without_person(before), after = without_person(after), person_erased = true
WHERE person_erased OR subject IN (
    SELECT owned.id FROM client JOIN (
        SELECT id, client FROM invoice UNION ALL SELECT id, client FROM quote
        UNION ALL SELECT id, client FROM receivable UNION ALL SELECT id, client FROM payment_on_account
        UNION ALL SELECT id, payer FROM payment_on_account
    ) AS owned ON owned.client = client.id
    WHERE client.erased_on IS NOT NULL);

-- Why a credit note was written is on the credit note. Its event told it too, as it was typed, instead of as a code.
CREATE FUNCTION pg_temp.coded(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to(jsonb_set(
    convert_from(value, 'UTF8')::jsonb, '{reason}',
    to_jsonb(CASE convert_from(value, 'UTF8')::jsonb ->> 'reason' WHEN 'Remboursement' THEN 'refund'
        ELSE 'correction' END))::text, 'UTF8');
UPDATE outbox SET value = pg_temp.coded(value) WHERE type = 'org.quittance.invoicing.credit-note-issued.v1';
UPDATE outbox_journal SET value = pg_temp.coded(value) WHERE type = 'org.quittance.invoicing.credit-note-issued.v1';
DROP FUNCTION pg_temp.coded(bytea);
