-- Payouts are matched with lines of named accounts only. An organisation that had named none had no such rule: the
-- accounts of the statements it gave are its own.
SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO bank_account (organisation, iban, currency)
SELECT DISTINCT ON (organisation, iban) organisation, iban, currency FROM bank_statement
WHERE NOT EXISTS (SELECT FROM bank_account WHERE bank_account.organisation = bank_statement.organisation)
ORDER BY organisation, iban;
