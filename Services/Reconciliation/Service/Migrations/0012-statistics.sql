-- How payments ended, and what that comes to by day: refreshed as a whole, so that figures are those of their rows.

CREATE TABLE sale (
    payment      uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    clinic       uuid,
    provider     text    NOT NULL,
    plan         text, -- nothing where no event has told of it
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL,
    outcome      text    CHECK (outcome IN ('expired', 'cancelled', 'refused', 'accepted')), -- nothing while it is open
    decided_on   date,
    fee          bigint  NOT NULL DEFAULT 0, -- without VAT
    fee_vat      bigint  NOT NULL DEFAULT 0,
    CONSTRAINT sale_decided_on_a_day CHECK ((outcome IS NULL) = (decided_on IS NULL))
);
CREATE INDEX sale_by_day ON sale (organisation, decided_on);
SELECT fence_by_organisation('sale');

-- When the statistics of an organisation were made.
CREATE TABLE statistic_run (
    organisation uuid        PRIMARY KEY,
    made_at      timestamptz NOT NULL
);
SELECT fence_by_organisation('statistic_run');

CREATE TABLE statistic (
    organisation   uuid    NOT NULL,
    clinic         uuid,
    provider       text    NOT NULL,
    plan           text,
    day            date    NOT NULL,
    basket         bigint  NOT NULL, -- the least a payment of this size comes to, in minor units
    currency       char(3) NOT NULL,
    accepted       bigint  NOT NULL,
    refused        bigint  NOT NULL,
    cancelled      bigint  NOT NULL,
    expired        bigint  NOT NULL,
    in_instalments bigint  NOT NULL,
    amount         bigint  NOT NULL, -- of the accepted, like the fees
    fee            bigint  NOT NULL,
    fee_vat        bigint  NOT NULL
);
CREATE INDEX statistic_by_day ON statistic (organisation, day);
SELECT fence_by_organisation('statistic');

-- What was accepted before; no event of the books has kept its plan.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO sale (payment, organisation, clinic, provider, currency, amount, outcome, decided_on, fee, fee_vat)
SELECT payment, organisation, clinic, provider, currency, amount, 'accepted', accepted_on, fee, fee_vat
FROM expectation;
