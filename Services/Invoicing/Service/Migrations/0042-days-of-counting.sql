-- On which day something of a payment was last counted for a debt; of before, only the trail knows when it was done.
ALTER TABLE allocation ADD COLUMN counted_on date;
