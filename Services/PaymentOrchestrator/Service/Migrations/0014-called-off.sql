-- When a try was seen to be called off where money moves by our word; it is looked at once more after that.
ALTER TABLE attempt ADD COLUMN called_off_at timestamptz;
