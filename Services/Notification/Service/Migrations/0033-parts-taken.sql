-- How many of the parts that were promised to an SMS its claim took: they are in `quota.used` then, no more in
-- `quota.reserved` nor in `reserved_parts`, until the quota is told what a gateway billed.
ALTER TABLE message ADD COLUMN taken_parts int NOT NULL DEFAULT 0;
