DROP INDEX profiles_name;
DROP TABLE profiles;
