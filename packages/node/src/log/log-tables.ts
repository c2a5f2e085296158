/**
 * The release log in SQLite. Entries, subtrees and checkpoints are written once; triggers refuse any change, so that
 * no code path, however wrong, can rewrite what has been signed for.
 */
export const logTables = `
CREATE TABLE IF NOT EXISTS entry(idx INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS node(level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statement(idx INTEGER PRIMARY KEY, kind TEXT NOT NULL, jws TEXT, salt BLOB, hash TEXT NOT NULL, at_ms INTEGER NOT NULL, feed TEXT, seq INTEGER) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS statement_feed ON statement(feed, seq) WHERE feed IS NOT NULL;
CREATE INDEX IF NOT EXISTS statement_kind ON statement(kind);
CREATE TABLE IF NOT EXISTS checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL, cosigs TEXT NOT NULL DEFAULT '', published_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS head(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT) STRICT;
${['entry', 'node']
  .flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (change) =>
        `CREATE TRIGGER IF NOT EXISTS ${table}_no_${change.toLowerCase()} BEFORE ${change} ON ${table} BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;`,
    ),
  )
  .join('\n')}
CREATE TRIGGER IF NOT EXISTS statement_no_delete BEFORE DELETE ON statement BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS statement_no_update BEFORE UPDATE OF idx, kind, hash, at_ms, feed, seq ON statement BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS statement_erase_only BEFORE UPDATE OF jws, salt ON statement WHEN NEW.jws IS NOT NULL OR NEW.salt IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a statement may be erased, never replaced'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS checkpoint_no_update BEFORE UPDATE OF size, note ON checkpoint BEGIN SELECT RAISE(ABORT, 'a signed checkpoint never changes'); END;
`
