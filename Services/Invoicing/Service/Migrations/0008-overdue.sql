-- What is late, and how often it was asked for.

CREATE TABLE dunning_levels (
    organisation uuid   PRIMARY KEY REFERENCES organisation,
    days_late    int[]  NOT NULL,
    labels       text[] NOT NULL,
    version      bigint NOT NULL DEFAULT 1,
    CONSTRAINT dunning_levels_have_labels CHECK (cardinality(days_late) = cardinality(labels))
);
SELECT fence_by_organisation('dunning_levels');

-- Levels that debts have reached; append-only.
CREATE TABLE dunning (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    invoice      uuid        REFERENCES invoice,
    receivable   uuid        REFERENCES receivable,
    level        int         NOT NULL CHECK (level > 0),
    reached_on   date        NOT NULL,
    due          bigint      NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dunning_of_one_debt CHECK (num_nonnulls(invoice, receivable) = 1)
);
CREATE UNIQUE INDEX dunning_of_invoice ON dunning (invoice, level);
CREATE UNIQUE INDEX dunning_of_receivable ON dunning (receivable, level);
SELECT fence_by_organisation('dunning');
CREATE TRIGGER dunning_stays BEFORE UPDATE OR DELETE ON dunning
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();

-- Until this day nobody asks the client.
ALTER TABLE client ADD COLUMN dunning_paused_until date;

-- Open debts by their due day.
CREATE INDEX invoice_open_by_due ON invoice (organisation, due_on, id)
    WHERE number IS NOT NULL AND paid + credited + written_off < total;
CREATE INDEX receivable_open_by_due ON receivable (organisation, due_on, id)
    WHERE paid + credited + written_off < amount;
