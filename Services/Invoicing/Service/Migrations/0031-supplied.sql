-- The day of the sale or service, where it is not that of the issue: a part of what never changes once it is issued.
ALTER TABLE invoice ADD COLUMN supplied_on date;

CREATE OR REPLACE FUNCTION refuse_change_of_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation, OLD.clinic, OLD.reference, OLD.currency, OLD.total, OLD.due_on,
            OLD.number, OLD.issued_on, OLD.created_at, OLD.discount_basis_points, OLD.discount_amount, OLD.sequence,
            OLD.hash, OLD.quote, OLD.deposit, OLD.payable_online, OLD.notes, OLD.delivery_address,
            OLD.supplied_on)
        IS DISTINCT FROM (NEW.id, NEW.organisation, NEW.clinic, NEW.reference, NEW.currency, NEW.total,
            NEW.due_on, NEW.number, NEW.issued_on, NEW.created_at, NEW.discount_basis_points, NEW.discount_amount,
            NEW.sequence, NEW.hash, NEW.quote, NEW.deposit, NEW.payable_online, NEW.notes, NEW.delivery_address,
            NEW.supplied_on)
        OR coalesce(NEW.issued_to, NEW.client) IS DISTINCT FROM coalesce(OLD.issued_to, OLD.client)
        OR NOT goes_with_client(OLD.client, NEW.client))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
