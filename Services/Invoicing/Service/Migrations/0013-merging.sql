-- Two clients that are one person become one: all that is the first one's becomes the other's, and the first says so.

ALTER TABLE client
    ADD COLUMN merged_into uuid REFERENCES client,
    ADD CONSTRAINT client_not_merged_into_itself CHECK (merged_into <> id);
CREATE INDEX client_merged ON client (merged_into) WHERE merged_into IS NOT NULL;

-- Whom a document was issued to, where its client was merged into another since: a part of what its hash is over.
ALTER TABLE invoice ADD COLUMN issued_to uuid;
ALTER TABLE credit_note ADD COLUMN issued_to uuid;
CREATE INDEX quote_by_client ON quote (client);
CREATE INDEX waiting_payment_by_client ON waiting_payment (client);

-- A document goes with its client into the other one, and nowhere else.
CREATE FUNCTION goes_with_client(old_client uuid, new_client uuid) RETURNS boolean LANGUAGE sql STABLE RETURN
    old_client = new_client
    OR EXISTS (SELECT FROM client WHERE id = old_client AND merged_into = new_client);

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at, OLD.discount_basis_points, OLD.discount_amount, OLD.sequence,
            OLD.hash, OLD.quote, OLD.deposit, OLD.payable_online)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at, NEW.discount_basis_points, NEW.discount_amount,
            NEW.sequence, NEW.hash, NEW.quote, NEW.deposit, NEW.payable_online)
        OR coalesce(NEW.issued_to, NEW.client) IS DISTINCT FROM coalesce(OLD.issued_to, OLD.client)
        OR NOT goes_with_client(OLD.client, NEW.client))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION refuse_change_of_credit_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR to_jsonb(OLD) - '{client,issued_to}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{client,issued_to}'::text[]
        OR coalesce(NEW.issued_to, NEW.client) IS DISTINCT FROM coalesce(OLD.issued_to, OLD.client)
        OR NOT goes_with_client(OLD.client, NEW.client)
    THEN
        RAISE EXCEPTION 'credit_note rows never change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER credit_note_is_immutable ON credit_note;
CREATE TRIGGER credit_note_is_immutable BEFORE UPDATE OR DELETE ON credit_note
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_credit_note();

CREATE OR REPLACE FUNCTION refuse_change_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.number, OLD.issued_on, OLD.valid_until, OLD.currency,
            OLD.total, OLD.discount_basis_points, OLD.discount_amount)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.number, NEW.issued_on, NEW.valid_until,
            NEW.currency, NEW.total, NEW.discount_basis_points, NEW.discount_amount)
        OR NOT goes_with_client(OLD.client, NEW.client)
        OR (OLD.invoice IS NOT NULL OR OLD.declined)
            AND (NEW.client = OLD.client
                OR (OLD.invoice, OLD.declined) IS DISTINCT FROM (NEW.invoice, NEW.declined))
    THEN
        RAISE EXCEPTION 'quote % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
