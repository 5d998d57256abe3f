-- Several payouts that are one bank line, or one payout that came as several: pointed as a whole and undone as a whole.
CREATE TABLE joint_pointing (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    rule         text        NOT NULL,
    currency     char(3)     NOT NULL,
    difference   bigint      NOT NULL, -- what the bank received more than was paid out
    account      text,
    reason       text,
    booked_on    date        NOT NULL,
    made_by      text        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    undone_by    text,
    undone_at    timestamptz,
    CONSTRAINT joint_pointing_difference_is_explained
        CHECK ((difference = 0) = (account IS NULL) AND (account IS NULL) = (reason IS NULL)),
    CONSTRAINT joint_pointing_undone_as_a_whole CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
SELECT fence_by_organisation('joint_pointing');

CREATE TABLE joint_pointing_payout (
    joint_pointing uuid   NOT NULL REFERENCES joint_pointing,
    payout         uuid   NOT NULL REFERENCES payout,
    organisation   uuid   NOT NULL,
    received       bigint NOT NULL,
    CONSTRAINT joint_pointing_payout_once PRIMARY KEY (joint_pointing, payout)
);
SELECT fence_by_organisation('joint_pointing_payout');

CREATE TABLE joint_pointing_line (
    joint_pointing uuid    NOT NULL REFERENCES joint_pointing,
    bank_line      uuid    NOT NULL REFERENCES bank_line,
    organisation   uuid    NOT NULL,
    is_live        boolean NOT NULL DEFAULT true, -- until it is undone
    CONSTRAINT joint_pointing_line_once PRIMARY KEY (joint_pointing, bank_line)
);
CREATE UNIQUE INDEX bank_line_of_one_joint_pointing ON joint_pointing_line (bank_line) WHERE is_live;
SELECT fence_by_organisation('joint_pointing_line');

ALTER TABLE payout
    ADD COLUMN joint_pointing uuid REFERENCES joint_pointing,
    ADD CONSTRAINT payout_pointed_alone_or_jointly CHECK (joint_pointing IS NULL OR bank_line IS NULL);

-- A bank line is a payout's, a remittance's or a joint pointing's, never of two of them.
CREATE OR REPLACE FUNCTION refuse_bank_line_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.bank_line IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('bank line ' || NEW.bank_line::text, 0));
    IF (TG_TABLE_NAME <> 'remittance' AND EXISTS (SELECT FROM remittance WHERE bank_line = NEW.bank_line))
        OR (TG_TABLE_NAME <> 'payout' AND EXISTS (SELECT FROM payout WHERE bank_line = NEW.bank_line))
        OR (TG_TABLE_NAME <> 'joint_pointing_line'
            AND EXISTS (SELECT FROM joint_pointing_line WHERE bank_line = NEW.bank_line AND is_live))
    THEN
        RAISE EXCEPTION 'the bank line belongs to another'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_line_of_one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER joint_pointing_bank_line_is_its_own BEFORE INSERT ON joint_pointing_line
    FOR EACH ROW EXECUTE FUNCTION refuse_bank_line_of_another();
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION refuse_bank_line_of_another() SET search_path = %I, pg_temp', current_schema());
END $$;
