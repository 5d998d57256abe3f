SELECT set_config('quittance.organisation', 'every', true);
-- What never was done is the clinic's to give again; what came back after it was done stays counted as given until a
-- person says whose it is.
UPDATE refund SET state = 'undone'
WHERE state = 'returned' AND NOT EXISTS (
    SELECT FROM payment_history
    WHERE payment_history.payment = refund.payment AND 'refund-returned' = ANY(payment_history.facts));
