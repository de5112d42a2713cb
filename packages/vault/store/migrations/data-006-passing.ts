/**
 * What only passes through (letters that wait, codes under way, answers kept for a repeat) lies under a key that dies with its
 * epoch, so that old copies of it open for nobody.
 */
export const sql = `
CREATE TABLE passing_epoch (epoch int NOT NULL);
COMMENT ON TABLE passing_epoch IS 'one row: under whose key letters, codes and answers lie; whoever writes one locks it FOR SHARE';
INSERT INTO passing_epoch VALUES (1);

ALTER TABLE outbox ADD COLUMN epoch int NOT NULL DEFAULT 1;
ALTER TABLE outbox ALTER COLUMN epoch DROP DEFAULT;

-- Codes under way and answers kept lie under hashes that cannot be put under another key; they would live for a day at most.
DELETE FROM sign_in WHERE kind <> 'staff';
DELETE FROM idempotency;
ALTER TABLE sign_in ADD COLUMN epoch int;
COMMENT ON COLUMN sign_in.epoch IS 'under whose key the hashes lie; null for one-time links, which nobody can guess';
`
