-- What is said at each level of dunning; empty where an organisation says nothing of its own.
ALTER TABLE dunning_levels ADD COLUMN texts text[] NOT NULL DEFAULT '{}';
