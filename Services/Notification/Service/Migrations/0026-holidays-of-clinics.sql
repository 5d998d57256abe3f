-- Whose public holidays a clinic keeps; null: those of its organisation's sending policy.
ALTER TABLE clinic ADD COLUMN region text;
