-- The language a message is written in: what is put to it when it leaves is said in the same one.
ALTER TABLE message ADD COLUMN language text;
