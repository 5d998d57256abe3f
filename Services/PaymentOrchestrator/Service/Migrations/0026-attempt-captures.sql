-- The name of the money that a try took, by which it is given back also where another try pays.
ALTER TABLE attempt ADD COLUMN capture text;
