-- Payouts are also told by providers themselves: where each account's list goes on, and what was wrong the last time.
CREATE TABLE payout_source (
    account      uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    provider     text        NOT NULL,
    since        date        NOT NULL, -- payouts of days before are not asked for
    place        text, -- of the last payout that was taken in
    asked_at     timestamptz,
    told_at      timestamptz, -- when everything there was had been taken in
    trouble      text
);
CREATE INDEX payout_source_by_organisation ON payout_source (organisation, account);
SELECT fence_by_organisation('payout_source');

-- What a report itself says of the VAT in a fee.
ALTER TABLE settlement_line ADD COLUMN told_fee_vat bigint;
