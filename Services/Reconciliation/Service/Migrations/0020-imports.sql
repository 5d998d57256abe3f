-- Files on their way in: what is read, how far, and how it ended. It is no fact, and nothing depends on it.
CREATE TABLE file_import (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('statement', 'settlement-report')),
    key          text, -- of the request that brings it
    format       text,
    state        text        NOT NULL CHECK (state IN ('reading', 'taking', 'done', 'refused')),
    bytes        bigint      NOT NULL DEFAULT 0,
    lines        bigint      NOT NULL DEFAULT 0,
    bytes_in_all bigint, -- as the request announces it
    trouble      text,
    started_at   timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_import_in_order ON file_import (organisation, id DESC);
SELECT fence_by_organisation('file_import');

-- What is taken of one statement is looked for by its statement.
CREATE INDEX bank_line_by_statement ON bank_line (statement);

-- By which transaction a line was taken in: only payouts that got one are summed up anew.
ALTER TABLE settlement_line ADD COLUMN taken_in xid8;
ALTER TABLE settlement_line ALTER COLUMN taken_in SET DEFAULT pg_current_xact_id();
