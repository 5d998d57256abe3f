-- When an account's provider was last asked what was given back, and until when its answer reaches.
ALTER TABLE provider_account ADD COLUMN refunds_asked_at timestamptz;
ALTER TABLE provider_account ADD COLUMN refunds_known_until timestamptz;
-- What a provider lists is held against what is known of it.
CREATE INDEX refund_by_reference ON refund (reference);
-- A provider's name for the money itself, by which it is given back where the object that was paid is known no more.
ALTER TABLE payment ADD COLUMN acceptance_capture text;

-- What went back lately is looked at like what goes back from now on.
SELECT set_config('quittance.organisation', 'every', true);
UPDATE payment SET ask_at = now()
WHERE state = 'accepted' AND ask_at IS NULL AND EXISTS (
    SELECT FROM refund
    WHERE refund.payment = payment.id AND refund.state = 'completed' AND refund.ordered_at > now() - interval '30 days');
