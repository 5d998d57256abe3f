-- Messages come too late one day, and workers take what is due by themselves.

-- A message that has not left by then is called off: a link that no longer works helps nobody.
ALTER TABLE message ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '3 days';
-- False for one that was called off while its call was open: it is not tried again.
ALTER TABLE message ADD COLUMN is_wanted boolean NOT NULL DEFAULT true;
CREATE INDEX message_to_expire ON message (expires_at) WHERE state IN ('requested', 'ready');

-- The words of the lanes sort backwards: urgent, normal, bulk.
CREATE INDEX message_to_take ON message (lane DESC, next_try_at) WHERE state = 'ready';
DROP INDEX message_to_dispatch;
