-- Whether statistics must have counted a payment is known by when they were made and when it last changed.
ALTER TABLE sale ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
