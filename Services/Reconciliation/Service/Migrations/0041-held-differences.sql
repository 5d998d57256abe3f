-- Differences that were put on account 471 and that a manager booked from there to another account: what each is of, and
-- the run of its entry about that. One that was taken back stays to be read; who un-points has it taken back without a
-- reason of its own.
CREATE TABLE held_clearing (
    id             uuid        PRIMARY KEY,
    organisation   uuid        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('payout', 'remittance', 'cash-up', 'discrepancy')),
    subject        uuid        NOT NULL,
    position       int         NOT NULL, -- of a line of a cash-up, else 0
    run            int         NOT NULL,
    piece          text        NOT NULL,
    currency       char(3)     NOT NULL,
    amount         bigint      NOT NULL CHECK (amount <> 0), -- what 471 was debited with
    account        text        NOT NULL, -- that takes it
    reason         text        NOT NULL,
    booked_on      date        NOT NULL,
    cleared_by     text        NOT NULL,
    cleared_at     timestamptz NOT NULL DEFAULT now(),
    undone_by      text,
    undone_at      timestamptz,
    undone_because text,
    CONSTRAINT held_clearing_run_once UNIQUE (subject, run),
    CONSTRAINT held_clearing_undone_as_a_whole CHECK (
        (undone_by IS NULL) = (undone_at IS NULL) AND (undone_because IS NULL OR undone_by IS NOT NULL))
);
CREATE UNIQUE INDEX held_clearing_live ON held_clearing (subject, position) WHERE undone_at IS NULL;
CREATE INDEX held_clearing_in_order ON held_clearing (organisation, id DESC);
SELECT fence_by_organisation('held_clearing');
