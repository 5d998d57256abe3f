-- Where what a document bills goes, if not to the buyer's address: a part of what never changes once it is issued.
ALTER TABLE invoice ADD COLUMN delivery_address jsonb;
ALTER TABLE quote ADD COLUMN delivery_address jsonb;

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at, OLD.discount_basis_points, OLD.discount_amount, OLD.sequence,
            OLD.hash, OLD.quote, OLD.deposit, OLD.payable_online, OLD.notes, OLD.delivery_address)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at, NEW.discount_basis_points, NEW.discount_amount,
            NEW.sequence, NEW.hash, NEW.quote, NEW.deposit, NEW.payable_online, NEW.notes, NEW.delivery_address)
        OR coalesce(NEW.issued_to, NEW.client) IS DISTINCT FROM coalesce(OLD.issued_to, OLD.client)
        OR NOT goes_with_client(OLD.client, NEW.client))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- It goes with a client who is forgotten as the notes do.
CREATE OR REPLACE FUNCTION refuse_change_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.number, OLD.issued_on, OLD.valid_until, OLD.currency,
            OLD.total, OLD.discount_basis_points, OLD.discount_amount)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.number, NEW.issued_on, NEW.valid_until,
            NEW.currency, NEW.total, NEW.discount_basis_points, NEW.discount_amount)
        OR NEW.notes IS DISTINCT FROM OLD.notes AND NOT (NEW.declined AND NEW.notes IS NULL)
        OR NEW.delivery_address IS DISTINCT FROM OLD.delivery_address
            AND NOT (NEW.declined AND NEW.delivery_address IS NULL)
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

-- The trail tells of a quote or an invoice with it.
CREATE OR REPLACE FUNCTION without_person(entry text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ((entry::jsonb - '{lastName,firstName,phone,phoneKind,email,town,reference,company,siren,vatNumber,street,
            postcode,notes,deliveryAddress}'::text[])
        #- '{till,payerName}' #- '{till,notes}' #- '{till,cheque,drawer}')::text;
