-- What is forgotten of a client who asks for it: the person, everywhere. The row stays, since documents are of it.
ALTER TABLE client ADD COLUMN erased_on date;

-- An entry of the audit trail without what it told of a person; who changed what and when stays.
CREATE FUNCTION without_person(entry text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ((entry::jsonb - '{lastName,firstName,phone,phoneKind,email,town,reference,company,siren,vatNumber,street,
            postcode}'::text[])
        #- '{till,payerName}' #- '{till,notes}' #- '{till,cheque,drawer}')::text;

ALTER TABLE audit_entry ADD COLUMN person_erased boolean NOT NULL DEFAULT false;
CREATE INDEX audit_entry_in_order ON audit_entry (organisation, id DESC);

-- Append-only but for that.
CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.person_erased
        AND (NEW.id, NEW.organisation, NEW.subject, NEW.action, NEW.actor, NEW.occurred_at)
            IS NOT DISTINCT FROM (OLD.id, OLD.organisation, OLD.subject, OLD.action, OLD.actor, OLD.occurred_at)
        AND NEW.before IS NOT DISTINCT FROM without_person(OLD.before)
        AND NEW.after IS NOT DISTINCT FROM without_person(OLD.after)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_entry rows never change' USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER audit_entry_stays ON audit_entry;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
