-- A reason given after its client was erased was kept, and might name the client (GEN-7).
SELECT set_config('quittance.organisation', 'every', true);
UPDATE payment_history SET note = '' WHERE note IS NOT NULL
    AND EXISTS (SELECT FROM payment WHERE payment.id = payment_history.payment AND is_client_erased);
