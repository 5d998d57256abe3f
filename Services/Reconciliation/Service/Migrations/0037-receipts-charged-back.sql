-- What a lost dispute takes off may have been counted for a debt that is on no invoice.
ALTER TABLE receipt_taken_off ALTER COLUMN invoice DROP NOT NULL;
