-- The provider's name for what went back of a second object of a payment, by which it is read where the object is known no
-- more.
ALTER TABLE attempt ADD COLUMN given_back_as text;
CREATE INDEX attempt_given_back ON attempt (given_back_as) WHERE given_back_as IS NOT NULL;

-- The name of money stands with the try that took it alone; the first that were kept stood with the acceptance.
SELECT set_config('quittance.organisation', 'every', true);
UPDATE attempt SET capture = payment.acceptance_capture FROM payment
WHERE payment.id = attempt.payment AND payment.acceptance_reference = attempt.reference AND attempt.capture IS NULL
    AND payment.acceptance_capture IS NOT NULL;
COMMENT ON COLUMN payment.acceptance_capture IS 'Written by earlier versions alone: the try has it.';
