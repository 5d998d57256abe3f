-- How a payout was pointed before that was taken back, by whom and when: append-only.
CREATE TABLE pointing_undone (
    organisation    uuid        NOT NULL,
    payout          uuid        NOT NULL REFERENCES payout,
    run             int         NOT NULL, -- the payout's times_pointed
    bank_line       uuid        REFERENCES bank_line,
    joint_pointing  uuid        REFERENCES joint_pointing,
    rule            text,
    rule_name       text,
    no_line_because text,
    pointed_by      text        NOT NULL,
    pointed_at      timestamptz NOT NULL,
    undone_by       text        NOT NULL,
    undone_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pointing_undone_once PRIMARY KEY (payout, run)
);
SELECT fence_by_organisation('pointing_undone');
CREATE TRIGGER pointing_undone_is_append_only BEFORE UPDATE OR DELETE ON pointing_undone
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER pointing_undone_is_never_emptied BEFORE TRUNCATE ON pointing_undone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

-- What matching has pointed is looked at again by every import.
CREATE INDEX payout_by_matching ON payout (organisation, id) WHERE pointed_by = 'matching';
CREATE INDEX joint_pointing_by_matching ON joint_pointing (organisation)
    WHERE made_by = 'matching' AND undone_at IS NULL;
