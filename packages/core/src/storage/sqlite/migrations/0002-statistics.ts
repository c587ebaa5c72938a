/** Figures of ended runs by hour and day, of each flow and of all, and why runs failed. */
export const statistics = `
-- Ended runs of an hour or a day; flow '' has those of all flows. They stay when the runs are removed.
CREATE TABLE stats (
  span TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  start REAL NOT NULL,
  configuration TEXT NOT NULL,
  status TEXT NOT NULL,
  runs INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  wait_ms REAL NOT NULL,
  durations TEXT NOT NULL,
  waits TEXT NOT NULL,
  -- NULL: no run had an estimate.
  estimates TEXT,
  PRIMARY KEY (span, flow_id, start, configuration, status)
) STRICT, WITHOUT ROWID;

-- For what is said of each flow, and for forgetting.
CREATE INDEX stats_start ON stats (span, start);

-- All runs that ever ended.
CREATE TABLE ended_runs (status TEXT PRIMARY KEY, runs INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Runs that failed for the same reason; flow '' has those of all flows.
CREATE TABLE failures (
  fingerprint TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  code TEXT,
  task TEXT,
  pattern TEXT NOT NULL,
  message TEXT NOT NULL,
  runs INTEGER NOT NULL,
  first_at REAL NOT NULL,
  last_at REAL NOT NULL,
  example_run_id TEXT NOT NULL,
  PRIMARY KEY (fingerprint, flow_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX failures_seen ON failures (flow_id, last_at DESC, fingerprint);

-- What was counted before goes on. An old class of durations has two new ones in its place, and ends where the second one does. How long
-- each run had waited was not kept.
CREATE TEMP TABLE old_rows AS
SELECT
  span, iif(every = 1, '', flow_id) AS flow_id, iif(span = 'day', CAST(hour / 86400000 AS INTEGER) * 86400000, hour) AS start,
  configuration, status, runs, duration_ms, wait_ms, durations
FROM run_stats, (SELECT 'hour' AS span, 0 AS every UNION ALL SELECT 'hour', 1 UNION ALL SELECT 'day', 0 UNION ALL SELECT 'day', 1);

CREATE TEMP TABLE old_counts (span, flow_id, start, configuration, status, class, runs, PRIMARY KEY (span, flow_id, start, configuration, status, class));
INSERT INTO old_counts
SELECT span, flow_id, start, configuration, status, 2 * counted.key, sum(counted.value)
FROM old_rows, json_each(durations) AS counted WHERE counted.value > 0 GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TEMP TABLE classes AS
WITH RECURSIVE numbers (class) AS (SELECT 0 UNION ALL SELECT class + 1 FROM numbers WHERE class < 127) SELECT class FROM numbers;

INSERT INTO stats (span, flow_id, start, configuration, status, runs, duration_ms, wait_ms, durations, waits)
SELECT
  span, flow_id, start, configuration, status, sum(runs), sum(duration_ms), sum(wait_ms),
  (SELECT json_group_array(coalesce((
    SELECT one.runs FROM old_counts AS one
    WHERE (one.span, one.flow_id, one.start, one.configuration, one.status, one.class)
      = (old_rows.span, old_rows.flow_id, old_rows.start, old_rows.configuration, old_rows.status, classes.class)
  ), 0)) FROM classes), '[]'
FROM old_rows GROUP BY 1, 2, 3, 4, 5;

INSERT INTO ended_runs (status, runs) SELECT status, sum(runs) FROM run_stats GROUP BY status;

DROP TABLE old_rows;
DROP TABLE old_counts;
DROP TABLE classes;
DROP TABLE run_stats;
`
