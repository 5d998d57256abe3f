-- What was said between us and a provider about a payment, in our words: no key, no body, no person.
CREATE TABLE payment_exchange (
    payment      uuid        NOT NULL,
    number       integer     NOT NULL,
    organisation uuid        NOT NULL,
    kind         text        NOT NULL, -- call, notification
    operation    text        NOT NULL,
    outcome      text        NOT NULL,
    at           timestamptz NOT NULL,
    last_at      timestamptz NOT NULL, -- the last of several that said the same
    times        integer     NOT NULL,
    milliseconds bigint      NOT NULL,
    CONSTRAINT payment_exchange_key PRIMARY KEY (payment, number)
);
SELECT fence_by_organisation('payment_exchange');

CREATE INDEX payment_by_client ON payment (organisation, client, id DESC);
