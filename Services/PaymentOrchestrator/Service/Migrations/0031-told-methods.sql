-- Which methods invoicing said last are off: so that none of them is offered while it does not answer (INV-15).
CREATE TABLE told_methods (
    organisation uuid   NOT NULL,
    not_used     text[] NOT NULL, -- providers whose method is off
    not_online   text[] NOT NULL, -- providers whose method is used, and not online
    version      bigint NOT NULL, -- how often any method was changed at invoicing
    CONSTRAINT told_methods_key PRIMARY KEY (organisation)
);
SELECT fence_by_organisation('told_methods');
