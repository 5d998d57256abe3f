-- What an organisation chose itself. Rows are only ever added, so that it stays known who chose what and when (GEN-6).

CREATE TABLE template (
    organisation uuid        NOT NULL,
    occasion     text        NOT NULL,
    channel      text        NOT NULL,
    language     text        NOT NULL,
    version      bigint      NOT NULL,
    -- Null: back to the standard words.
    subject      text,
    body         text,
    changed_by   text        NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT template_once PRIMARY KEY (organisation, occasion, channel, language, version),
    CONSTRAINT template_whole CHECK ((subject IS NULL) = (body IS NULL))
);
SELECT fence_by_organisation('template');

CREATE TABLE sending_policy (
    organisation       uuid        NOT NULL,
    version            bigint      NOT NULL,
    -- Null: the sender of the settings.
    sender             text,
    transliterates     boolean     NOT NULL,
    -- Of a thousand parts of SMS, in minor units; null: not known.
    price_per_thousand bigint,
    currency           char(3),
    changed_by         text        NOT NULL,
    changed_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sending_policy_once PRIMARY KEY (organisation, version),
    CONSTRAINT sending_policy_price CHECK ((price_per_thousand IS NULL) = (currency IS NULL))
);
SELECT fence_by_organisation('sending_policy');
