-- A debt that was settled and is due again is asked for anew, from the first level on.

ALTER TABLE invoice
    ADD COLUMN times_due_again int NOT NULL DEFAULT 0, -- how often it was settled and is due again
    ADD COLUMN due_again_on    date;                   -- the last time; its levels count from this day
ALTER TABLE receivable
    ADD COLUMN times_due_again int NOT NULL DEFAULT 0,
    ADD COLUMN due_again_on    date;

-- Which time a level was reached in: how often the debt had been due again by then.
ALTER TABLE dunning ADD COLUMN time_due_again int NOT NULL DEFAULT 0;
DROP INDEX dunning_of_invoice;
DROP INDEX dunning_of_receivable;
CREATE UNIQUE INDEX dunning_of_invoice ON dunning (invoice, time_due_again, level);
CREATE UNIQUE INDEX dunning_of_receivable ON dunning (receivable, time_due_again, level);
