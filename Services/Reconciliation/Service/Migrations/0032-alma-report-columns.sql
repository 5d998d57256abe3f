-- What the columns of Alma's reports are called, where an organisation says otherwise than usual.
CREATE TABLE alma_report_columns (
    organisation uuid        NOT NULL,
    definition   text        NOT NULL, -- JSON
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alma_report_columns_once PRIMARY KEY (organisation)
);
SELECT fence_by_organisation('alma_report_columns');
