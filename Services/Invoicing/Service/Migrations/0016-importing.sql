-- Files of practice-management software: kept until they are read, then row by row until each has its outcome.

-- Which column of a file says what, as organisations saved it for their software.
CREATE TABLE import_mapping (
    organisation uuid        NOT NULL REFERENCES organisation,
    name         text        NOT NULL,
    kind         text        NOT NULL,
    mapping      jsonb       NOT NULL,
    version      bigint      NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT import_mapping_key PRIMARY KEY (organisation, name)
);
SELECT fence_by_organisation('import_mapping');

CREATE TABLE import_file (
    id            uuid        PRIMARY KEY,
    organisation  uuid        NOT NULL REFERENCES organisation,
    kind          text        NOT NULL,
    mode          text        NOT NULL,
    mapping_name  text,
    mapping       jsonb       NOT NULL, -- as it was when the file came
    clinics       uuid[],     -- those its sender acts for; null: all
    actor         text        NOT NULL,
    correlation   uuid        NOT NULL,
    state         text        NOT NULL DEFAULT 'reading' CHECK (state IN ('reading', 'taking', 'done', 'failed')),
    failure       text,
    header        text[],
    attempts      int         NOT NULL DEFAULT 0, -- without a step forward
    runs          bigint      NOT NULL DEFAULT 0, -- whoever began last goes on, and who began before does not
    rows_read     bigint      NOT NULL DEFAULT 0,
    added         bigint      NOT NULL DEFAULT 0, -- counted when it is done
    already_there bigint      NOT NULL DEFAULT 0,
    refused       bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz
);
CREATE INDEX import_file_in_order ON import_file (organisation, id DESC);
CREATE INDEX import_file_open ON import_file (id) WHERE state IN ('reading', 'taking');
CREATE INDEX import_file_finished ON import_file (finished_at) WHERE finished_at IS NOT NULL;
SELECT fence_by_organisation('import_file');

CREATE TABLE import_part (
    import_file  uuid  NOT NULL REFERENCES import_file ON DELETE CASCADE,
    position     int   NOT NULL,
    organisation uuid  NOT NULL,
    bytes        bytea NOT NULL,
    CONSTRAINT import_part_key PRIMARY KEY (import_file, position)
);
SELECT fence_by_organisation('import_part');

-- Rows with the same document have the same turn; turns follow the days.
CREATE TABLE import_row (
    import_file  uuid   NOT NULL REFERENCES import_file ON DELETE CASCADE,
    line         bigint NOT NULL,
    organisation uuid   NOT NULL,
    cells        text[] NOT NULL,
    document     text   NOT NULL,
    person       text,  -- whom a phone stands for
    phone        text,
    day          date,
    turn         bigint,
    outcome      text   CHECK (outcome IN ('added', 'already-there', 'refused')),
    field        text,
    reason       text,
    remedy       text,
    CONSTRAINT import_row_key PRIMARY KEY (import_file, line)
);
CREATE INDEX import_row_waiting ON import_row (import_file, turn) WHERE outcome IS NULL;
CREATE INDEX import_row_refused ON import_row (import_file, line) WHERE outcome = 'refused';
SELECT fence_by_organisation('import_row');

-- What the other software calls a debt or a payment: the same one is taken in once.
ALTER TABLE receivable ADD COLUMN reference text,
    ADD CONSTRAINT receivable_reference_once UNIQUE (organisation, reference);
ALTER TABLE payment_on_account ADD COLUMN reference text,
    ADD CONSTRAINT payment_reference_once UNIQUE (organisation, reference);

-- Merging two clients looks for what either of them paid for others.
CREATE INDEX payment_on_account_by_payer ON payment_on_account (payer) WHERE payer IS NOT NULL;
