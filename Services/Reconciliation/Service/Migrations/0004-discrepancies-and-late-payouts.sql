-- A discrepancy has an owner and a history, and a person may close it; money that does not come in time is one.

ALTER TABLE discrepancy
    ADD COLUMN owner text,
    ADD COLUMN closed_by text, -- the person who closed it; nobody when the missing piece did
    ADD COLUMN closed_because text,
    ADD CONSTRAINT discrepancy_closed_with_reason CHECK ((closed_by IS NULL) = (closed_because IS NULL)),
    ADD CONSTRAINT discrepancy_closed_once CHECK (closed_by IS NULL OR closed_at IS NOT NULL);

-- What people did about discrepancies: append-only.
CREATE TABLE discrepancy_note (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    discrepancy  uuid        NOT NULL REFERENCES discrepancy,
    act          text        NOT NULL CHECK (act IN ('assigned', 'commented', 'closed')),
    author       text        NOT NULL,
    words        text,
    noted_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX discrepancy_note_in_order ON discrepancy_note (discrepancy, id);
SELECT fence_by_organisation('discrepancy_note');

CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER discrepancy_note_is_append_only BEFORE UPDATE OR DELETE ON discrepancy_note
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER discrepancy_note_is_never_emptied BEFORE TRUNCATE ON discrepancy_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

-- Whether the payout a payment is in has arrived, and since when it was said to be late.
ALTER TABLE expectation
    ADD COLUMN has_arrived boolean NOT NULL DEFAULT false,
    ADD COLUMN late_since date;
SELECT set_config('quittance.organisation', 'every', true);
UPDATE expectation SET has_arrived = true
FROM payout WHERE payout.id = expectation.payout AND payout.pointed_at IS NOT NULL;
CREATE INDEX expectation_awaited ON expectation (expected_on) WHERE NOT has_arrived AND late_since IS NULL;
CREATE INDEX discrepancy_open_of_kind ON discrepancy (kind) WHERE closed_at IS NULL;
