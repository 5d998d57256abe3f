-- What a provider last said of a payout: that it has arrived, or that it failed after all; nothing while it is under way
-- or nobody knows. Alma and PayPal tell of a payout once it is made; what Stripe said is asked for again.
ALTER TABLE payout
    ADD COLUMN provider_says text CHECK (provider_says IN ('paid', 'failed')),
    -- A person took back how it was pointed: the provider's word does not point it again.
    ADD COLUMN word_refused boolean NOT NULL DEFAULT false,
    -- Pointed by more than the provider's word, so that it is booked.
    ADD COLUMN is_received boolean NOT NULL
        GENERATED ALWAYS AS (pointed_at IS NOT NULL AND rule IS DISTINCT FROM 'provider') STORED;
SELECT set_config('quittance.organisation', 'every', true);
UPDATE payout SET provider_says = 'paid' WHERE provider <> 'stripe';
CREATE INDEX payout_on_word ON payout (organisation, id) WHERE rule = 'provider';
CREATE INDEX payout_not_received ON payout (paid_on) WHERE NOT is_received;

-- Whether an organisation takes the word of its providers: every change is a row of its own, and without one it does not.
CREATE TABLE providers_word (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL,
    is_taken     boolean     NOT NULL,
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX providers_word_in_order ON providers_word (organisation, id DESC);
SELECT fence_by_organisation('providers_word');
CREATE TRIGGER providers_word_is_append_only BEFORE UPDATE OR DELETE ON providers_word
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER providers_word_is_never_emptied BEFORE TRUNCATE ON providers_word
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
