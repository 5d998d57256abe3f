-- In which language the columns of files are named where nobody asks for another.
ALTER TABLE accounting_setup ADD COLUMN language text NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));
