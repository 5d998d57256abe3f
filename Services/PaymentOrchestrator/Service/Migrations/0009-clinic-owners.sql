-- A clinic is one organisation's, for ever. Others' rows are hidden by the fence, but a key counts for all of them.
CREATE TABLE clinic_owner (
    clinic       uuid PRIMARY KEY,
    organisation uuid NOT NULL
);
SELECT set_config('quittance.organisation', 'every', true);
-- Of several who described a clinic before, it is whose account at a provider there is.
INSERT INTO clinic_owner (clinic, organisation)
SELECT DISTINCT ON (clinic.id) clinic.id, clinic.organisation FROM clinic
ORDER BY clinic.id, EXISTS (
    SELECT FROM provider_account AS account
    WHERE account.organisation = clinic.organisation AND account.clinic = clinic.id) DESC, clinic.version DESC;
SELECT fence_by_organisation('clinic_owner');
