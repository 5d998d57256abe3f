-- The clinics as this service needs them: their name on the pay page, and the contacts that are never a client's.
CREATE TABLE clinic (
    organisation  uuid   NOT NULL,
    id            uuid   NOT NULL,
    name          text   NOT NULL,
    own_phones    text[] NOT NULL,
    own_emails    text[] NOT NULL,
    own_addresses text[] NOT NULL, -- street and town
    version       bigint NOT NULL,
    CONSTRAINT clinic_key PRIMARY KEY (organisation, id)
);
SELECT fence_by_organisation('clinic');

-- A clinic's account at a provider. The key is sealed; nothing reads it but the code that calls the provider.
CREATE TABLE provider_account (
    id                  uuid        NOT NULL,
    organisation        uuid        NOT NULL,
    clinic              uuid        NOT NULL,
    provider            text        NOT NULL,
    sealed_key          bytea       NOT NULL, -- AES-GCM: nonce, ciphertext, tag; bound to the account's id
    sealed_with         text        NOT NULL, -- id of the sealing key
    contract            jsonb       NOT NULL, -- what the provider said when the key was last checked
    payout_offset_days  integer     NOT NULL,
    fee_vat_rate        integer     NOT NULL, -- basis points
    offered_plans       text[]      NOT NULL,
    link_lifetime_hours integer     NOT NULL,
    connected_at        timestamptz NOT NULL,
    version             bigint      NOT NULL,
    CONSTRAINT provider_account_key PRIMARY KEY (id),
    CONSTRAINT provider_account_one_per_clinic UNIQUE (organisation, clinic, provider)
);
SELECT fence_by_organisation('provider_account');

-- Invoices as their owner's events tell of them: enough to refuse a payment that should not begin.
CREATE TABLE receivable (
    invoice      uuid    NOT NULL,
    organisation uuid    NOT NULL,
    clinic       uuid,
    client       uuid    NOT NULL,
    due          bigint  NOT NULL, -- minor units
    currency     char(3) NOT NULL,
    CONSTRAINT receivable_key PRIMARY KEY (invoice)
);
SELECT fence_by_organisation('receivable');

CREATE TABLE payment (
    id                   uuid        NOT NULL,
    organisation         uuid        NOT NULL,
    clinic               uuid        NOT NULL,
    invoice              uuid,                 -- NULL: a free amount
    client               uuid        NOT NULL,
    account              uuid        NOT NULL,
    provider             text        NOT NULL,
    amount               bigint      NOT NULL CHECK (amount > 0),
    currency             char(3)     NOT NULL,
    plan                 text        NOT NULL,
    channel              text        NOT NULL,
    fee_offered          boolean     NOT NULL,
    title                text        NOT NULL, -- what the client reads
    details              jsonb       NOT NULL, -- who pays
    quote                jsonb       NOT NULL, -- the schedule as it was offered
    token_hash           bytea       NOT NULL, -- SHA-256 of the link's token
    sealed_token         bytea       NOT NULL, -- so that the link can be sent, and only then be read
    sealed_with          text        NOT NULL,
    state                text        NOT NULL,
    cancellation         text,
    cancellation_unknown boolean     NOT NULL,
    refusal              text,
    acceptance_reference text,
    accepted_at          timestamptz,
    schedule             jsonb,
    fee                  bigint,               -- without VAT
    fee_vat              bigint,
    expected_payout_on   date,
    disposition          text,
    alarms               jsonb       NOT NULL,
    created_at           timestamptz NOT NULL,
    expires_at           timestamptz NOT NULL,
    ask_at               timestamptz,          -- when the provider, or the clock, is next asked about it
    questions            integer     NOT NULL, -- how often that happened since the last change
    version              bigint      NOT NULL,
    CONSTRAINT payment_key PRIMARY KEY (id),
    CONSTRAINT payment_account FOREIGN KEY (account) REFERENCES provider_account (id),
    CONSTRAINT payment_by_token UNIQUE (token_hash)
) WITH (fillfactor = 80);
-- Two live payments of one receivable could both be paid.
CREATE UNIQUE INDEX payment_one_live_per_receivable ON payment (organisation, invoice)
    WHERE invoice IS NOT NULL AND state IN ('requested', 'starting', 'unknown', 'open', 'cancelling');
CREATE INDEX payment_to_ask_about ON payment (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX payment_newest_first ON payment (organisation, id DESC);
SELECT fence_by_organisation('payment');

-- Every try to open a payment at the provider; the row is committed before the call leaves.
CREATE TABLE attempt (
    id           uuid        NOT NULL,
    payment      uuid        NOT NULL,
    organisation uuid        NOT NULL,
    state        text        NOT NULL,
    reference    text,                 -- the provider's
    pay_url      text,
    started_at   timestamptz NOT NULL,
    CONSTRAINT attempt_key PRIMARY KEY (id),
    CONSTRAINT attempt_payment FOREIGN KEY (payment) REFERENCES payment (id)
);
CREATE INDEX attempt_by_payment ON attempt (payment);
CREATE INDEX attempt_by_reference ON attempt (reference) WHERE reference IS NOT NULL;
SELECT fence_by_organisation('attempt');

CREATE TABLE refund (
    id           uuid        NOT NULL,
    payment      uuid        NOT NULL,
    organisation uuid        NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    currency     char(3)     NOT NULL,
    state        text        NOT NULL,
    reference    text,
    ordered_at   timestamptz NOT NULL,
    CONSTRAINT refund_key PRIMARY KEY (id),
    CONSTRAINT refund_payment FOREIGN KEY (payment) REFERENCES payment (id)
);
CREATE INDEX refund_by_payment ON refund (payment);
SELECT fence_by_organisation('refund');

-- What happened to a payment, who did it, and what it was before. Append-only.
CREATE TABLE payment_history (
    payment      uuid        NOT NULL,
    version      bigint      NOT NULL,
    organisation uuid        NOT NULL,
    happened_at  timestamptz NOT NULL,
    actor        text        NOT NULL,
    state_before text,
    state_after  text        NOT NULL,
    facts        text[]      NOT NULL,
    CONSTRAINT payment_history_key PRIMARY KEY (payment, version)
);
SELECT fence_by_organisation('payment_history');
