CREATE TABLE profiles (
  user_id integer PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  name text NOT NULL
);

CREATE INDEX profiles_name ON profiles (name);
