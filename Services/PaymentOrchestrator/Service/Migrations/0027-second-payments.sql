-- When what a second object of a payment took was given back; it is looked at afterwards whether it came back.
ALTER TABLE attempt ADD COLUMN given_back_at timestamptz;
