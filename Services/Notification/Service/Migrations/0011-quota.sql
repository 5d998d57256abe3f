-- Parts of SMS an organisation bought, and what became of them. Organisations without a row are not limited.

CREATE TABLE quota (
    organisation uuid    PRIMARY KEY,
    booked       bigint  NOT NULL DEFAULT 0,
    -- Promised to messages that have not left.
    reserved     bigint  NOT NULL DEFAULT 0,
    used         bigint  NOT NULL DEFAULT 0,
    -- Billed although nothing was left; what is booked next pays it first.
    beyond       bigint  NOT NULL DEFAULT 0,
    is_low       boolean NOT NULL DEFAULT false,
    CONSTRAINT quota_never_overdrawn CHECK (
        reserved >= 0 AND used >= 0 AND beyond >= 0 AND reserved + used <= booked)
);
SELECT fence_by_organisation('quota');

-- What people booked; the sum of an organisation's entries is its `quota.booked`.
CREATE TABLE quota_entry (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    parts        bigint      NOT NULL CHECK (parts <> 0),
    note         text        NOT NULL,
    booked_by    text        NOT NULL,
    booked_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quota_entry_in_order ON quota_entry (organisation, id DESC);
SELECT fence_by_organisation('quota_entry');

-- Of an SMS: how many parts its words make, how many of them are promised, and whether the quota knows its end.
ALTER TABLE message ADD COLUMN planned_parts int NOT NULL DEFAULT 0, ADD COLUMN reserved_parts int NOT NULL DEFAULT 0,
    ADD COLUMN is_counted boolean NOT NULL DEFAULT true;
CREATE INDEX message_to_count ON message (organisation, id)
    WHERE NOT is_counted AND state IN ('sent', 'delivered', 'failed', 'called-off', 'uncertain');

-- Null: nobody is told. True: messages the client's business asks for are refused too when nothing is left.
ALTER TABLE sending_policy ADD COLUMN quota_low_below bigint,
    ADD COLUMN quota_limits_all boolean NOT NULL DEFAULT false;
