-- How the VAT on each provider's fees is owed, where an organisation says otherwise than usual; every change is a row.
CREATE TABLE fee_tax (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    provider     text        NOT NULL,
    treatment    text        NOT NULL,
    rate         int         NOT NULL CHECK (rate BETWEEN 0 AND 10000), -- basis points
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX fee_tax_in_order ON fee_tax (organisation, provider, id DESC);
SELECT fence_by_organisation('fee_tax');
CREATE TRIGGER fee_tax_is_append_only BEFORE UPDATE OR DELETE ON fee_tax
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER fee_tax_is_never_emptied BEFORE TRUNCATE ON fee_tax
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

-- Charts that were written before have the new account as well; where its usual number stands for something else there,
-- with two signs more.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO chart_account (organisation, account, number, label)
SELECT organisation, '445200',
    CASE WHEN EXISTS (
        SELECT FROM chart_account AS other WHERE other.organisation = owner.organisation AND other.number = '445200'
    ) THEN '445200ZZ' ELSE '445200' END, 'TVA due intracommunautaire'
FROM (SELECT DISTINCT organisation FROM chart_account) AS owner
ON CONFLICT DO NOTHING;
