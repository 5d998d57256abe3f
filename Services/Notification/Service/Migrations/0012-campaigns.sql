-- One text to many recipients of the directory.

CREATE TABLE campaign (
    id             uuid        PRIMARY KEY,
    organisation   uuid        NOT NULL,
    -- Null: contacts of all clinics.
    clinic         uuid,
    name           text        NOT NULL,
    state          text        NOT NULL,
    -- Null: the organisation's sender.
    sender         text,
    -- Who writes, as the text says it.
    identity       text        NOT NULL,
    body           text        NOT NULL,
    groups         text[]      NOT NULL,
    contacts       uuid[]      NOT NULL,
    -- Numbers beside the directory, as they were written. Personal: emptied when the campaign is over.
    phones         text[]      NOT NULL,
    -- On the clinic's wall; null: at once.
    local_day      date,
    local_minutes  int         CHECK (local_minutes BETWEEN 0 AND 1439),
    version        bigint      NOT NULL DEFAULT 1,
    created_by     text        NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),

    -- From its start on: whom it was for then, and how far it is written.
    started_at     timestamptz,
    -- Contacts of later are not among its recipients.
    contacts_before uuid,
    expected_recipients int     NOT NULL DEFAULT 0,
    expected_parts int         NOT NULL DEFAULT 0,
    is_limited     boolean     NOT NULL DEFAULT false,
    -- Promised by the quota and not given to a message yet.
    parts_in_hand  bigint      NOT NULL DEFAULT 0 CHECK (parts_in_hand >= 0),
    last_contact   uuid,
    phones_taken   int         NOT NULL DEFAULT 0,
    positions      int         NOT NULL DEFAULT 0,
    is_written     boolean     NOT NULL DEFAULT false,
    -- Whether messages of it are kept back by a pause.
    is_held        boolean     NOT NULL DEFAULT false,
    -- Nothing of it waits any more.
    closed_at      timestamptz,
    CONSTRAINT campaign_planned_whole CHECK ((local_day IS NULL) = (local_minutes IS NULL))
);
CREATE INDEX campaign_in_order ON campaign (organisation, id DESC);
CREATE INDEX campaign_open ON campaign (id) WHERE closed_at IS NULL AND state <> 'draft';
SELECT fence_by_organisation('campaign');

-- Everybody a campaign named, with the message or with why there is none. Name and phone are personal.
CREATE TABLE campaign_recipient (
    campaign     uuid NOT NULL,
    position     int  NOT NULL,
    organisation uuid NOT NULL,
    contact      uuid,
    name         text,
    phone        text,
    message      uuid,
    left_out     text,
    CONSTRAINT campaign_recipient_key PRIMARY KEY (campaign, position),
    CONSTRAINT campaign_recipient_decided CHECK ((message IS NULL) <> (left_out IS NULL))
);
-- Whatever is killed or runs twice: nobody is written to twice.
CREATE UNIQUE INDEX campaign_recipient_once ON campaign_recipient (campaign, phone) WHERE message IS NOT NULL;
CREATE INDEX campaign_recipient_left_out ON campaign_recipient (campaign, left_out) WHERE left_out IS NOT NULL;
CREATE INDEX campaign_recipient_by_message ON campaign_recipient (message) WHERE message IS NOT NULL;
SELECT fence_by_organisation('campaign_recipient');

ALTER TABLE message ADD COLUMN campaign uuid, ADD COLUMN contact uuid,
    -- The name a phone shows; null: the organisation's.
    ADD COLUMN sender text;
ALTER TABLE message DROP CONSTRAINT message_about_one;
ALTER TABLE message ADD CONSTRAINT message_about_one CHECK (num_nonnulls(payment, invoice, campaign) <= 1);
CREATE INDEX message_by_campaign ON message (campaign, state) WHERE campaign IS NOT NULL;
