-- People of the directory who get a reminder besides the payment's client.
ALTER TABLE reminder ADD COLUMN contacts uuid[] NOT NULL DEFAULT '{}';
