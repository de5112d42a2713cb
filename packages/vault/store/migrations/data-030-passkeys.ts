/** Passkeys of people, and the challenges of ceremonies under way. No backup holds either: a key removed since must not come back. */
export const sql = `
CREATE TABLE passkey (
  credential_hash bytea PRIMARY KEY,
  passkey_id      uuid NOT NULL,
  holder_id       uuid NOT NULL,
  sealed          bytea NOT NULL,
  counter         bigint NOT NULL,
  added_at        timestamptz NOT NULL,
  counts_from     timestamptz NOT NULL,
  used_at         timestamptz
);
CREATE INDEX passkey_holder ON passkey (holder_id);
COMMENT ON COLUMN passkey.sealed IS 'its name, id and public key, under a key of the person';
COMMENT ON COLUMN passkey.counts_from IS 'from then on it proves more than the session that added it';

CREATE TABLE passkey_challenge (
  challenge_id   uuid PRIMARY KEY,
  act            text NOT NULL,
  bound_to       text NOT NULL,
  challenge_hash bytea NOT NULL,
  expires_at     timestamptz NOT NULL
);
COMMENT ON COLUMN passkey_challenge.bound_to IS 'the session it is good in; empty for a sign-in, whose id only the browser that asked knows';
`
