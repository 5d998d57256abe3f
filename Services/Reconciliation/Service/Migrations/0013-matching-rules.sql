-- The rules by which an organisation's bank lines are taken for payouts: every change is a row of its own.
CREATE TABLE matching_rules (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    definition   text        NOT NULL, -- JSON
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX matching_rules_in_order ON matching_rules (organisation, id DESC);
SELECT fence_by_organisation('matching_rules');
CREATE TRIGGER matching_rules_is_append_only BEFORE UPDATE OR DELETE ON matching_rules
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER matching_rules_is_never_emptied BEFORE TRUNCATE ON matching_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

-- By which of them a payout was pointed, and what it may differ from its bank line by, as the rule said then.
ALTER TABLE payout
    ADD COLUMN rule_name text,
    ADD COLUMN tolerance bigint CHECK (tolerance >= 0),
    ADD COLUMN tolerance_currency char(3),
    ADD COLUMN tolerance_account text,
    ADD COLUMN tolerance_because text,
    ADD CONSTRAINT payout_tolerance_as_a_whole CHECK (
        (tolerance IS NULL) = (tolerance_account IS NULL) AND (tolerance IS NULL) = (tolerance_because IS NULL)
        AND (tolerance IS NULL) = (tolerance_currency IS NULL));
