-- The store's layout, version 1 (PRAGMA user_version). What is in it is sealed: sealing.hpp says how. In the clear are
-- only counts, sizes, directions and numbers.

CREATE TABLE storage_key (                        -- exactly one row
  only INTEGER PRIMARY KEY CHECK (only = 1),
  check_value BLOB NOT NULL CHECK (length(check_value) = 32)  -- tells the right storage key from a wrong one
) STRICT;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  row_key BLOB NOT NULL UNIQUE CHECK (length(row_key) = 32),  -- keyed hash of the conversation's true key
  sealed BLOB NOT NULL                            -- true key and value, padded
) STRICT;

-- Sealed mail is about a page long: kept in the order of arrival, so that a commit of many touches few pages.
CREATE TABLE mail (
  conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),
  number INTEGER NOT NULL CHECK (number >= 0),
  sealed BLOB NOT NULL,
  UNIQUE (conversation, direction, number)
) STRICT;
