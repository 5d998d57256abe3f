-- How far each instalment came; NULL: from before it was followed.
ALTER TABLE payment ADD COLUMN instalments jsonb;
