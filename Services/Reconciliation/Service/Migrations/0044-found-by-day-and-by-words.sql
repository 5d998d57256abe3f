-- What the tills of an organisation took on a day is read by that day, whichever clinic it was.
CREATE INDEX till_movement_taken_on ON till_movement (organisation, day) WHERE act = 'taken';
