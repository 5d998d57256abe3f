-- Money that does not stay where it went: refunds that come back, and payments that are disputed at their provider.

ALTER TABLE refund ADD COLUMN returned_on date;

ALTER TABLE payment_on_account
    ADD COLUMN charged_back bigint NOT NULL DEFAULT 0 CHECK (charged_back >= 0),
    DROP CONSTRAINT payment_on_account_adds_up,
    ADD CONSTRAINT payment_on_account_adds_up
        CHECK (amount = allocated + unallocated + refunded + charged_back + reversed + archived);

CREATE TABLE dispute (
    payment      uuid        NOT NULL, -- the online payment, which may still wait to be accepted
    reference    text        NOT NULL, -- the provider's name for it
    organisation uuid        NOT NULL REFERENCES organisation,
    invoice      uuid,       -- what the payment was asked for
    currency     char(3)     NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    reason       text        NOT NULL,
    opened_on    date        NOT NULL,
    respond_by   timestamptz,
    outcome      text        CHECK (outcome IN ('won', 'lost')),
    closed_on    date,
    charged_back bigint      NOT NULL DEFAULT 0 CHECK (charged_back >= 0),
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dispute_key PRIMARY KEY (payment, reference),
    CONSTRAINT dispute_closed_as_a_whole CHECK ((outcome IS NULL) = (closed_on IS NULL)),
    CONSTRAINT dispute_charged_back_when_lost CHECK (charged_back = 0 OR outcome = 'lost')
);
CREATE INDEX dispute_of_invoice ON dispute (invoice) WHERE invoice IS NOT NULL;
SELECT fence_by_organisation('dispute');
