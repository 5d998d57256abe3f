-- Messages that are planned for a local day and time.

-- Zones of clinics that are not in Paris.
CREATE TABLE clinic (
    organisation uuid NOT NULL,
    id           uuid NOT NULL,
    time_zone    text NOT NULL,
    -- What one organisation says about a clinic cannot stand in another's way.
    CONSTRAINT clinic_once PRIMARY KEY (organisation, id)
);
SELECT fence_by_organisation('clinic');

CREATE TABLE reminder (
    -- Also the message's, once it is one.
    id            uuid        PRIMARY KEY,
    organisation  uuid        NOT NULL,
    clinic        uuid,
    client        uuid        NOT NULL,
    payment       uuid        NOT NULL,
    occasion      text        NOT NULL,
    -- Once for as long as there are facts, as with messages.
    dedup_key     text        NOT NULL,
    facts         text        NOT NULL,
    state         text        NOT NULL,
    -- On the clinic's wall; the instant follows from them and the zone when somebody looks (C-09).
    local_day     date        NOT NULL,
    local_minutes int         NOT NULL CHECK (local_minutes BETWEEN 0 AND 1439),
    -- At the beginning of this day at the clinic it would come too late.
    late_on       date        NOT NULL,
    reason        text,
    version       bigint      NOT NULL DEFAULT 1,
    planned_by    text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reminder_once UNIQUE (organisation, dedup_key)
);
CREATE INDEX reminder_planned ON reminder (local_day, local_minutes) WHERE state = 'planned';
CREATE INDEX reminder_by_payment ON reminder (payment);
SELECT fence_by_organisation('reminder');
