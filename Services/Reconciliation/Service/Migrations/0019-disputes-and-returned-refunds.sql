-- Refunds that came back after they were counted, and disputes: what providers withhold, give back or keep.

ALTER TABLE counted_refund
    ADD COLUMN returned_on date,
    ADD COLUMN returned_line uuid; -- the provider's line that gave it back
CREATE INDEX counted_refund_by_return ON counted_refund (organisation, returned_on) WHERE returned_on IS NOT NULL;
CREATE INDEX counted_refund_by_returned_line ON counted_refund (returned_line) WHERE returned_line IS NOT NULL;
ALTER TABLE expectation
    ADD COLUMN returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0), -- of what was once counted as given back
    ADD COLUMN withheld bigint NOT NULL DEFAULT 0 CHECK (withheld >= 0); -- of disputes that are open or lost

CREATE TABLE dispute (
    id           uuid    PRIMARY KEY,
    organisation uuid    NOT NULL,
    provider     text    NOT NULL,
    reference    text    NOT NULL,
    payment      uuid    NOT NULL,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL CHECK (amount > 0),
    opened_on    date    NOT NULL,
    outcome      text    CHECK (outcome IN ('lost', 'won')),
    closed_on    date,
    opening_line uuid, -- the provider's line that withheld it
    closing_line uuid, -- the one that gave it back
    CONSTRAINT dispute_once UNIQUE (organisation, provider, reference),
    CONSTRAINT dispute_closed_as_a_whole CHECK ((outcome IS NULL) = (closed_on IS NULL))
);
CREATE INDEX dispute_by_payment ON dispute (payment);
CREATE INDEX dispute_by_day ON dispute (organisation, opened_on);
CREATE INDEX dispute_by_opening_line ON dispute (opening_line) WHERE opening_line IS NOT NULL;
CREATE INDEX dispute_by_closing_line ON dispute (closing_line) WHERE closing_line IS NOT NULL;
SELECT fence_by_organisation('dispute');

-- Charts that were written before have the new account as well; where its usual number stands for something else there,
-- with two signs more.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO chart_account (organisation, account, number, label)
SELECT organisation, '467000',
    CASE WHEN EXISTS (
        SELECT FROM chart_account AS other WHERE other.organisation = owner.organisation AND other.number = '467000'
    ) THEN '467000ZZ' ELSE '467000' END, 'Fonds retenus par les prestataires'
FROM (SELECT DISTINCT organisation FROM chart_account) AS owner
ON CONFLICT DO NOTHING;
