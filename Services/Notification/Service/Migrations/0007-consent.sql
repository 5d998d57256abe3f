-- The law on marketing: who agreed and how that is proved, who said STOP, and when messages may be sent.

-- Decisions are only ever added; the latest counts, for all clinics of the organisation.
CREATE TABLE consent (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    channel      text        NOT NULL,
    -- Personal: emptied when the client is erased.
    address      text        NOT NULL,
    decision     text        NOT NULL CHECK (decision IN ('given', 'withdrawn')),
    -- How it is proved: the form, the sentence, the reply.
    proof        text        NOT NULL,
    decided_at   timestamptz NOT NULL,
    recorded_by  text        NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX consent_by_address ON consent (organisation, channel, address, decided_at DESC, id DESC);
SELECT fence_by_organisation('consent');
CREATE INDEX message_by_address ON message (address);

-- 'marketing' is held to the law; everything else is what the client's own business asks for.
ALTER TABLE message ADD COLUMN purpose text NOT NULL DEFAULT 'transactional';

-- Null: from 08:00 to 20:00 on working days of the mainland.
ALTER TABLE sending_policy ADD COLUMN opens_minutes int, ADD COLUMN closes_minutes int, ADD COLUMN region text;
