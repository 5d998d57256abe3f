-- A refund may be ordered several times; money that went back before it was asked for is none of its. Unknown of those
-- from before, which count from their last order.
ALTER TABLE refund ADD requested_at timestamptz;
