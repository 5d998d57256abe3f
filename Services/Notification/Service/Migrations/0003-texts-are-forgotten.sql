-- A message's words hold a link that pays: they are kept until nobody needs them to send, and no longer.

-- What was told, without what opens something: it stays as proof. Personal like the address.
ALTER TABLE message ADD COLUMN proof text;

ALTER TABLE message DROP CONSTRAINT message_complete_when_ready;
UPDATE message SET proof = regexp_replace(body, 'https?://\S+', '[…]', 'g'),
    body = CASE WHEN state IN ('requested', 'ready', 'claimed', 'uncertain') THEN body END
WHERE body IS NOT NULL;
ALTER TABLE message ADD CONSTRAINT message_complete_when_ready CHECK (
    state NOT IN ('ready', 'claimed') OR (address IS NOT NULL AND body IS NOT NULL));
CREATE INDEX message_uncertain ON message (expires_at) WHERE state = 'uncertain' AND body IS NOT NULL;
