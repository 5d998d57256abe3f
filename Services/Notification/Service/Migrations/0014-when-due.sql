-- When a message should leave and when it did, so that what is late is seen. Null: nobody waits for it at a time of
-- its own, as with campaigns.
ALTER TABLE message ADD COLUMN due_at timestamptz, ADD COLUMN left_at timestamptz;
CREATE INDEX message_not_gone ON message (due_at)
    WHERE due_at IS NOT NULL AND state IN ('requested', 'ready', 'claimed');
