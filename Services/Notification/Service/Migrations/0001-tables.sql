-- Messages from the fact that asks for them to the gateway's receipt.

CREATE TABLE message (
    id             uuid        PRIMARY KEY,
    organisation   uuid        NOT NULL,
    clinic         uuid,
    occasion       text        NOT NULL,
    channel        text        NOT NULL,
    lane           text        NOT NULL,
    -- What makes a message one: the same fact asks for it once, for as long as there are facts.
    dedup_key      text        NOT NULL,
    payment        uuid,
    client         uuid,
    facts          text        NOT NULL, -- JSON, nothing personal
    state          text        NOT NULL,
    tries          int         NOT NULL DEFAULT 0,
    -- Personal: emptied when the client is erased.
    address        text,
    subject        text,
    body           text,
    next_try_at    timestamptz NOT NULL DEFAULT now(),
    dispatched_at  timestamptz,
    claimed_at     timestamptz,
    gateway        text,
    gateway_reference text,
    parts          int,
    reason         text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_once UNIQUE (organisation, dedup_key),
    CONSTRAINT message_complete_when_ready CHECK (
        state IN ('requested', 'called-off', 'failed') OR (address IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX message_to_prepare ON message (next_try_at) WHERE state = 'requested';
CREATE INDEX message_to_dispatch ON message (dispatched_at) WHERE state = 'ready';
CREATE INDEX message_claimed ON message (claimed_at) WHERE state = 'claimed';
CREATE INDEX message_by_payment ON message (payment);
CREATE INDEX message_in_order ON message (organisation, id DESC);
SELECT fence_by_organisation('message');

-- Receipts as gateways sent them; one that comes before the answer of its call waits here.
CREATE TABLE receipt (
    message      uuid        NOT NULL,
    status       int         NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receipt_once PRIMARY KEY (message, status)
);
