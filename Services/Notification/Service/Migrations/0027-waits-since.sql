-- Since when a message could have left, so that it is known how long the oldest has waited: a try that failed, or
-- another gateway, makes it no younger, and the night it was held over no older.
ALTER TABLE message ADD COLUMN waits_since timestamptz NOT NULL DEFAULT now();
