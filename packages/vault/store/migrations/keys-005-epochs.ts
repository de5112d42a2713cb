/**
 * The root key's versions become epochs of the key store: which version wraps what, and since when it is destroyed. A cell may
 * have more than one key at a time (the live one, one prepared for a re-wrap, one to go), a compartment more than one generation.
 */
export const sql = `
CREATE TABLE epoch (
  epoch              int PRIMARY KEY,
  kms                text NOT NULL,
  root               text NOT NULL,
  state              text NOT NULL,
  began_at           timestamptz NOT NULL,
  closed_at          timestamptz,
  rewrapped_at       timestamptz,
  destroyed_at       timestamptz,
  irrecoverable_from timestamptz
);
COMMENT ON TABLE epoch IS 'a version of the root key with all that is wrapped under it; what was destroyed in an epoch is beyond recovery once its root version is';
COMMENT ON COLUMN epoch.root IS 'the version as its KMS names it';
COMMENT ON COLUMN epoch.state IS 'prepared, current (one at most), closing, ended; whoever wraps under the current one locks its row FOR SHARE to the commit';
CREATE UNIQUE INDEX epoch_current ON epoch (state) WHERE state = 'current';

INSERT INTO epoch (epoch, kms, root, state, began_at)
SELECT version, 'file', version::text, CASE WHEN version = max(version) OVER () THEN 'current' ELSE 'closing' END, now()
FROM (SELECT root_version AS version FROM cell UNION SELECT root_version FROM secret) AS used;

CREATE TABLE cell_key (
  cell_id uuid NOT NULL REFERENCES cell ON DELETE CASCADE,
  version int NOT NULL,
  epoch   int NOT NULL REFERENCES epoch,
  wrapped bytea NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (cell_id, version)
);
CREATE INDEX cell_key_epoch ON cell_key (epoch);
COMMENT ON COLUMN cell_key.version IS 'the live one is the cell''s own; a higher one is prepared, a lower one is to go';
INSERT INTO cell_key SELECT cell_id, version, root_version, wrapped, now() FROM cell;
ALTER TABLE cell DROP COLUMN root_version, DROP COLUMN wrapped;

ALTER TABLE secret RENAME COLUMN root_version TO epoch;

ALTER TABLE key DROP CONSTRAINT key_pkey, ADD PRIMARY KEY (subject_id, compartment, generation);
`
