-- Gateways that keep what people write back are asked for it: which replies were heard, and when each was asked last.

CREATE TABLE heard_reply (
    gateway  text        NOT NULL,
    -- The gateway's own, or what a number cannot be read from.
    identity text        NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT heard_reply_once PRIMARY KEY (gateway, identity)
);

CREATE TABLE reply_look (
    gateway   text        PRIMARY KEY,
    looked_at timestamptz NOT NULL
);
