ALTER TABLE users ADD COLUMN created_at text;

UPDATE users SET created_at = datetime('now') WHERE created_at IS NULL;
