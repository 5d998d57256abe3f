-- Several gateways, each with receipts of its own kind.

-- The fence hides every row from who names nobody, migrations too: what 0003 meant to forget is forgotten here.
SELECT set_config('quittance.organisation', 'every', true);
UPDATE message SET proof = regexp_replace(body, 'https?://\S+', '[...]', 'g'),
    body = CASE WHEN state IN ('requested', 'ready', 'claimed', 'uncertain') THEN body END
WHERE body IS NOT NULL AND proof IS NULL;

-- Receipts as gateways sent them; one that comes before the answer of its call waits here. It takes the place of
-- `receipt`, which instances of before still write to while they run.
CREATE TABLE delivery_receipt (
    message      uuid        NOT NULL,
    gateway      text        NOT NULL,
    -- The gateway's own word or number.
    code         text        NOT NULL,
    -- Null: it decides nothing.
    verdict      text,
    received_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_receipt_once PRIMARY KEY (message, gateway, code)
);
INSERT INTO delivery_receipt (message, gateway, code, verdict, received_at)
SELECT message, 'smsfactor', status::text,
    CASE WHEN status = 3 THEN 'delivered' WHEN status IN (0, 2, 4, 5, 6, 7, 9, 11, 12) THEN 'undelivered' END,
    received_at
FROM receipt;

-- Receipts that name the gateway's own reference, which came before the answer that tells us the reference (C-14).
CREATE TABLE orphan_receipt (
    gateway      text        NOT NULL,
    reference    text        NOT NULL,
    code         text        NOT NULL,
    verdict      text,
    received_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orphan_receipt_once PRIMARY KEY (gateway, reference, code)
);
CREATE INDEX message_by_reference ON message (gateway, gateway_reference) WHERE gateway_reference IS NOT NULL;

-- The gateway a message is to leave through; it changes when that one has no part of it.
ALTER TABLE message ADD COLUMN route text NOT NULL DEFAULT 'smsfactor';
UPDATE message SET route = 'smtp' WHERE channel = 'email' AND state IN ('requested', 'ready', 'claimed', 'uncertain');
CREATE INDEX message_to_take_by_route ON message (route, lane DESC, next_try_at) WHERE state = 'ready';

-- What all workers share about an account at a gateway.
CREATE TABLE gateway_account (
    gateway     text        PRIMARY KEY,
    -- Of the bucket its rate is held by.
    millionths  bigint      NOT NULL DEFAULT 0,
    filled_at   timestamptz NOT NULL DEFAULT now(),
    -- Of the breaker.
    failures    int         NOT NULL DEFAULT 0,
    rests_until timestamptz
);

-- Null: the order of the settings.
ALTER TABLE sending_policy ADD COLUMN gateways text[];
