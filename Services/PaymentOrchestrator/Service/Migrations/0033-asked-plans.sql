-- Which plans of a debt a provider was asked about before there was a payment of it, in our words: no key, no body, no
-- person. The payment that is asked for next takes them over; what no payment came of is gone after a day.
CREATE TABLE asked_plans (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    organisation uuid        NOT NULL,
    clinic       uuid        NOT NULL,
    debt         uuid        NOT NULL, -- an invoice, or what is owed without one: their ids never meet
    operation    text        NOT NULL,
    outcome      text        NOT NULL,
    at           timestamptz NOT NULL,
    milliseconds bigint      NOT NULL,
    CONSTRAINT asked_plans_key PRIMARY KEY (id)
);
SELECT fence_by_organisation('asked_plans');
CREATE INDEX asked_plans_of_debt ON asked_plans (organisation, debt);
CREATE INDEX asked_plans_by_age ON asked_plans (at);
