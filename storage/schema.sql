-- The store's layout, version 2 (PRAGMA user_version). What is in it is sealed: sealing.hpp says how. In the clear are
-- only counts, sizes, directions and numbers. The keys are not in it: slot_file.hpp says where, and why.

CREATE TABLE storage_key (                        -- exactly one row
  only INTEGER PRIMARY KEY CHECK (only = 1),
  check_value BLOB NOT NULL CHECK (length(check_value) = 32), -- tells the right storage key from a wrong one
  slot_file BLOB NOT NULL CHECK (length(slot_file) = 16)      -- tells the slot file that belongs here from another
) STRICT;

CREATE TABLE conversation (
  slot INTEGER PRIMARY KEY CHECK (slot >= 0),     -- in the slot file: the key that opens this row and its mail
  sealed BLOB NOT NULL                            -- the conversation's key to the outside, and its value, padded
) STRICT;

-- Sealed mail is about a page long: kept in the order of arrival, so that a commit of many touches few pages.
CREATE TABLE mail (
  slot INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),
  number INTEGER NOT NULL CHECK (number >= 0),
  sealed BLOB NOT NULL,
  UNIQUE (slot, direction, number)
) STRICT;
