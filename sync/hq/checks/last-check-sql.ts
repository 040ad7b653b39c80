/** The last check of a till `t` that compared all it holds: a walk or a whole scrub, whatever it ended with. */
export const LAST_CHECK_SQL = `
  SELECT kind, outcome, ended_at_ms, received_at_ms, drift FROM till_checks
  WHERE till_id = t.till_id AND kind IN ('walk', 'scrub') AND outcome <> 'failed'
  ORDER BY id DESC LIMIT 1`;
