-- Movements to which the bank gives no reference and that were taken for lines of other statements, being the same: with
-- their statement whole, balances that become known later can show that they were others.
CREATE TABLE taken_movement (
    id           uuid    PRIMARY KEY, -- that of the line it is once it is shown to be another
    organisation uuid    NOT NULL,
    statement    uuid    NOT NULL REFERENCES bank_statement,
    iban         text    NOT NULL,
    name         text    NOT NULL, -- by day, amount and text
    times        bigint  NOT NULL, -- its place among the same in its statement
    equals       bigint  NOT NULL, -- how many of its statement are the same
    taken_for    uuid    NOT NULL REFERENCES bank_line,
    currency     char(3) NOT NULL,
    amount       bigint  NOT NULL,
    booked_on    date    NOT NULL,
    description  text    NOT NULL,
    CONSTRAINT taken_movement_once UNIQUE (statement, name, times)
);
CREATE INDEX taken_movement_by_day ON taken_movement (organisation, iban, booked_on);
SELECT fence_by_organisation('taken_movement');
CREATE TRIGGER taken_movement_is_append_only BEFORE UPDATE OR DELETE ON taken_movement
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER taken_movement_is_never_emptied BEFORE TRUNCATE ON taken_movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
