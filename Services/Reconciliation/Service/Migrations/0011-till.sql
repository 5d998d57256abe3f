-- What was taken at the tills of clinics, how it was counted in the evening, and how it came to the bank.

-- The till of a clinic as it was counted for a day, once: append-only.
CREATE TABLE cash_up (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    clinic       uuid        NOT NULL,
    day          date        NOT NULL,
    closed_by    text        NOT NULL,
    closed_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cash_up_once UNIQUE (organisation, clinic, day)
);
CREATE INDEX cash_up_by_day ON cash_up (organisation, day);
SELECT fence_by_organisation('cash_up');

CREATE TABLE cash_up_line (
    cash_up      uuid    NOT NULL REFERENCES cash_up,
    position     int     NOT NULL,
    organisation uuid    NOT NULL,
    method       text    NOT NULL, -- the organisation's code
    tender       text    NOT NULL, -- what it is by nature
    currency     char(3) NOT NULL,
    expected     bigint  NOT NULL,
    counted      bigint  NOT NULL,
    account      text, -- that takes the difference
    reason       text,
    CONSTRAINT cash_up_line_key PRIMARY KEY (cash_up, position),
    CONSTRAINT cash_up_line_of_method_once UNIQUE (cash_up, method, tender, currency),
    CONSTRAINT cash_up_line_says_why CHECK (
        (expected = counted) = (account IS NULL) AND (account IS NULL) = (reason IS NULL))
);
SELECT fence_by_organisation('cash_up_line');

-- Money of a till on its way to the bank, with the number of its slip.
CREATE TABLE remittance (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    clinic       uuid        NOT NULL,
    tender       text        NOT NULL,
    reference    text        NOT NULL,
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL CHECK (amount <> 0), -- below nothing where the bank took something back
    made_on      date        NOT NULL,
    made_by      text        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    bank_line    uuid        REFERENCES bank_line,
    rule         text,
    pointed_by   text,
    pointed_at   timestamptz,
    times_pointed int        NOT NULL DEFAULT 0,
    difference_account text, -- that takes what the bank booked otherwise
    difference_because text,
    cancelled_by text,
    cancelled_at timestamptz,
    cancelled_because text,
    CONSTRAINT remittance_of_one_bank_line UNIQUE (bank_line),
    CONSTRAINT remittance_pointed_as_a_whole CHECK (
        (pointed_by IS NULL) = (bank_line IS NULL) AND (pointed_by IS NULL) = (pointed_at IS NULL)
        AND (pointed_by IS NULL) = (rule IS NULL)),
    CONSTRAINT remittance_difference_says_why CHECK (
        (difference_account IS NULL) = (difference_because IS NULL)
        AND (difference_account IS NULL OR bank_line IS NOT NULL)),
    CONSTRAINT remittance_cancelled_as_a_whole CHECK (
        (cancelled_by IS NULL) = (cancelled_at IS NULL) AND (cancelled_by IS NULL) = (cancelled_because IS NULL)
        AND (cancelled_by IS NULL OR bank_line IS NULL))
);
-- The number of a cancelled slip may be used again.
CREATE UNIQUE INDEX remittance_slip_once ON remittance (organisation, clinic, tender, reference)
    WHERE cancelled_at IS NULL;
CREATE INDEX remittance_in_order ON remittance (organisation, id DESC);
CREATE INDEX remittance_by_day ON remittance (organisation, made_on);
CREATE INDEX remittance_waiting ON remittance (organisation, id) WHERE bank_line IS NULL AND cancelled_at IS NULL;
SELECT fence_by_organisation('remittance');

-- Money that came into a till, or was taken back from it.
CREATE TABLE till_movement (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    clinic       uuid    NOT NULL,
    payment      uuid    NOT NULL, -- the money on account it is of
    act          text    NOT NULL CHECK (act IN ('taken', 'taken-back')),
    day          date    NOT NULL,
    method       text    NOT NULL,
    tender       text    NOT NULL,
    client       uuid    NOT NULL,
    receipt_number text  NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL CHECK (amount <> 0 AND (amount > 0) = (act = 'taken')),
    reason       text, -- why it was taken back
    cash_up      uuid    REFERENCES cash_up, -- that counted it
    remittance   uuid    REFERENCES remittance, -- that brought it to the bank
    CONSTRAINT till_movement_once UNIQUE (organisation, payment, act),
    CONSTRAINT till_movement_cash_is_on_no_slip CHECK (remittance IS NULL OR tender <> 'cash')
);
CREATE INDEX till_movement_by_day ON till_movement (organisation, clinic, day);
CREATE INDEX till_movement_in_order ON till_movement (organisation, id DESC);
CREATE INDEX till_movement_of_cash_up ON till_movement (cash_up);
CREATE INDEX till_movement_of_remittance ON till_movement (remittance);
CREATE INDEX till_movement_not_counted ON till_movement (organisation, clinic) WHERE cash_up IS NULL;
SELECT fence_by_organisation('till_movement');

-- The lines of slips: append-only, a cancelled slip keeps its own.
CREATE TABLE remittance_item (
    remittance   uuid   NOT NULL REFERENCES remittance,
    position     int    NOT NULL,
    organisation uuid   NOT NULL,
    movement     uuid   REFERENCES till_movement, -- nothing for cash
    value        bigint NOT NULL,
    pieces       int    NOT NULL CHECK (pieces > 0),
    CONSTRAINT remittance_item_key PRIMARY KEY (remittance, position)
);
SELECT fence_by_organisation('remittance_item');

-- A remittance and a bank line a person took apart: matching does not put them together again.
CREATE TABLE refused_deposit (
    organisation uuid        NOT NULL,
    remittance   uuid        NOT NULL REFERENCES remittance,
    bank_line    uuid        NOT NULL REFERENCES bank_line,
    refused_by   text        NOT NULL,
    refused_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refused_deposit_once PRIMARY KEY (remittance, bank_line)
);
SELECT fence_by_organisation('refused_deposit');

-- A bank line is a payout's or a remittance's, never both. Who takes one holds its lock, so that neither misses the
-- other.
CREATE FUNCTION refuse_bank_line_of_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.bank_line IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('bank line ' || NEW.bank_line::text, 0));
    IF (TG_TABLE_NAME = 'payout' AND EXISTS (SELECT FROM remittance WHERE bank_line = NEW.bank_line))
        OR (TG_TABLE_NAME = 'remittance' AND EXISTS (SELECT FROM payout WHERE bank_line = NEW.bank_line))
    THEN
        RAISE EXCEPTION 'the bank line belongs to another'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'bank_line_of_one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payout_bank_line_is_its_own BEFORE INSERT OR UPDATE OF bank_line ON payout
    FOR EACH ROW EXECUTE FUNCTION refuse_bank_line_of_another();
CREATE TRIGGER remittance_bank_line_is_its_own BEFORE INSERT OR UPDATE OF bank_line ON remittance
    FOR EACH ROW EXECUTE FUNCTION refuse_bank_line_of_another();

DO $$
DECLARE
    name text;
BEGIN
    EXECUTE format('ALTER FUNCTION refuse_bank_line_of_another() SET search_path = %I, pg_temp', current_schema());
    FOREACH name IN ARRAY ARRAY['cash_up', 'cash_up_line', 'remittance_item'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history()', name || '_is_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history()', name || '_is_never_emptied', name);
    END LOOP;
END $$;

-- Charts that were written before have the new accounts and the new journal as well; where their usual number or code
-- stands for something else there, with two signs more.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO chart_account (organisation, account, number, label)
SELECT organisation, account,
    CASE WHEN EXISTS (
        SELECT FROM chart_account AS other WHERE other.organisation = owner.organisation AND other.number = account
    ) THEN account || 'ZZ' ELSE account END, label
FROM (SELECT DISTINCT organisation FROM chart_account) AS owner
    CROSS JOIN (VALUES
        ('530000', 'Caisse'), ('511200', 'Chèques à encaisser'), ('511800', 'Cartes bancaires à encaisser'),
        ('511900', 'Autres règlements à encaisser'), ('580000', 'Virements internes'),
        ('658000', 'Charges diverses de gestion courante'), ('758000', 'Produits divers de gestion courante')
    ) AS new (account, label)
ON CONFLICT DO NOTHING;
INSERT INTO journal (organisation, role, code, label)
SELECT organisation, 'till',
    CASE WHEN EXISTS (
        SELECT FROM journal AS other WHERE other.organisation = owner.organisation AND other.code = 'CAI'
    ) THEN 'CAIZZ' ELSE 'CAI' END, 'Caisse'
FROM (SELECT DISTINCT organisation FROM journal) AS owner
ON CONFLICT DO NOTHING;
