-- Payments that were asked for, however their links travel, and how they ended: each that is live can be reminded.

-- The fence hides every row from who names nobody, migrations too.
SELECT set_config('quittance.organisation', 'every', true);

CREATE TABLE asked_payment (
    organisation uuid NOT NULL,
    payment      uuid NOT NULL,
    client       uuid NOT NULL,
    clinic       uuid,
    -- Null: it may still be made, as far as was told.
    ended        text,
    CONSTRAINT asked_payment_once PRIMARY KEY (organisation, payment)
);
CREATE INDEX asked_payment_by_client ON asked_payment (client);
SELECT fence_by_organisation('asked_payment');

-- Those that had a message before; of the others nothing is known here.
INSERT INTO asked_payment (organisation, payment, client, clinic, ended)
SELECT DISTINCT ON (organisation, payment) organisation, payment, client, clinic,
    CASE WHEN EXISTS (SELECT FROM message AS told
        WHERE told.payment = message.payment AND told.occasion = 'payment-accepted') THEN 'accepted' END
FROM message WHERE payment IS NOT NULL AND client IS NOT NULL AND contact IS NULL
ORDER BY organisation, payment, id;
