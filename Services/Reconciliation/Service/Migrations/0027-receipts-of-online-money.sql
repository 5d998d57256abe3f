-- Which online payment money on account came from: what is told later of its parts does not say so.
CREATE TABLE online_receipt (
    payment_on_account uuid PRIMARY KEY,
    organisation       uuid NOT NULL,
    payment            uuid NOT NULL -- the online payment
);
SELECT fence_by_organisation('online_receipt');
