-- Messages to be written are found by who is asked for their recipients: what waits for one that gives no answer is not
-- read again and again for the others' sake.
CREATE INDEX message_to_prepare_of_payments ON message (lane DESC, next_try_at)
    WHERE state = 'requested' AND payment IS NOT NULL;
CREATE INDEX message_to_prepare_of_others ON message (lane DESC, next_try_at)
    WHERE state = 'requested' AND payment IS NULL;
DROP INDEX message_to_prepare_by_lane;
