/** How far users have looked. */
export const seen = `
CREATE TABLE seen (
  user TEXT NOT NULL,
  topic TEXT NOT NULL,
  until REAL NOT NULL,
  PRIMARY KEY (user, topic)
) STRICT, WITHOUT ROWID;
`
