-- Accepted money counts for its invoice from the acceptance on, also before invoicing has said so.
ALTER TABLE payment ADD COLUMN awaits_counting boolean NOT NULL DEFAULT false;
CREATE INDEX payment_awaiting_its_count ON payment (organisation, invoice) WHERE awaits_counting;

-- The day money is booked on is the clinic's own; NULL where the service's zone is the clinic's.
ALTER TABLE clinic ADD COLUMN time_zone text;
ALTER TABLE payment ADD COLUMN time_zone text;

-- The clients invoicing knows: money of anybody else could not be booked.
CREATE TABLE client (
    id           uuid NOT NULL,
    organisation uuid NOT NULL,
    CONSTRAINT client_key PRIMARY KEY (organisation, id)
);
SELECT fence_by_organisation('client');
