-- Statements in other formats than CAMT.053: some have no balances, and movements are named otherwise in each.

ALTER TABLE bank_statement
    ADD COLUMN format text NOT NULL DEFAULT 'camt053',
    ALTER COLUMN opening DROP NOT NULL,
    ALTER COLUMN closing DROP NOT NULL;
ALTER TABLE bank_statement ALTER COLUMN format DROP DEFAULT;
CREATE INDEX bank_line_by_day ON bank_line (organisation, iban, booked_on);

-- How a bank writes its CSV files.
CREATE TABLE csv_mapping (
    organisation uuid        NOT NULL,
    name         text        NOT NULL,
    definition   text        NOT NULL, -- JSON
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT csv_mapping_once PRIMARY KEY (organisation, name)
);
SELECT fence_by_organisation('csv_mapping');
