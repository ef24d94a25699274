-- Re-enactments are told from measurements. NULL: version 1 did not tell.
ALTER TABLE replays ADD COLUMN synthetic INTEGER;
-- How many times faster than life a re-enactment was made; NULL where that is not known.
ALTER TABLE replays ADD COLUMN time_scale REAL;

-- Whether what is kept of an entity was measured (0) or re-enacted (1): never both in one store. What
-- version 1 kept stands here once it is saved again.
CREATE TABLE natures (
    entity    TEXT PRIMARY KEY,
    synthetic INTEGER NOT NULL
) WITHOUT ROWID;
