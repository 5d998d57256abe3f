-- Causes are removed when nobody can repeat them any more (CauseRetention.swift).

-- For the removal of jobs and steps; messages are removed by their key, which begins with the event's time.
CREATE INDEX cause_job_by_age ON cause (occurred_at) WHERE scope LIKE 'job:%';

-- Up to where the inbox of a consumer group has forgotten: an event from before that it does not know may have been
-- handled long ago, so it is parked for a person instead of being handled again or lost.
CREATE TABLE inbox_horizon (
    scope  text NOT NULL, -- message:<consumer group>
    before uuid NOT NULL, -- an id of UUID version 7, whose first 48 bits are the time
    CONSTRAINT inbox_horizon_key PRIMARY KEY (scope)
);
