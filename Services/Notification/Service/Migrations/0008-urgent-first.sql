-- Urgent messages are written first too: a code is worthless behind a morning's reminders. The lanes sort backwards.
CREATE INDEX message_to_prepare_by_lane ON message (lane DESC, next_try_at) WHERE state = 'requested';
DROP INDEX message_to_prepare;
