/**
 * Demands of authorities, each with its letter and its clock; until when a disclosure is not shown to whom it is about; documents that go
 * to recipients of data. No value is in any of it, and no person but in the lines of disclosures.
 */
export const sql = `
CREATE TABLE demand (
  demand_id     uuid PRIMARY KEY,
  number        text NOT NULL UNIQUE,
  letter_id     uuid NOT NULL,
  recipient     text NOT NULL,
  norm          text,
  reference     text NOT NULL,
  dated         date NOT NULL,
  entity        text NOT NULL,
  policy        text NOT NULL,
  received_at   timestamptz NOT NULL,
  registered_at timestamptz NOT NULL,
  registered_by text NOT NULL,
  state         text NOT NULL,
  due_at        timestamptz NOT NULL,
  outer_at      timestamptz NOT NULL,
  told          int NOT NULL,
  wake_at       timestamptz,
  age_key       text,
  secret_until  timestamptz,
  secret_norm   text,
  refusal       jsonb,
  ended_at      timestamptz,
  late          boolean NOT NULL
);
CREATE INDEX demand_due ON demand (due_at, demand_id) WHERE ended_at IS NULL;
CREATE INDEX demand_wake ON demand (wake_at) WHERE wake_at IS NOT NULL;
COMMENT ON COLUMN demand.norm IS 'the norm of the policy by which it asks; null where it names none that the policy knows: it is refused';
COMMENT ON COLUMN demand.age_key IS 'public key of the recipient (age), named by both members of staff; null where it has none';
COMMENT ON COLUMN demand.secret_until IS 'until when a norm forbids to tell whom it is about; null where nothing forbids it';

ALTER TABLE disclosure ADD COLUMN demand_id uuid, ADD COLUMN asked_entry uuid, ADD COLUMN hidden_until timestamptz;
CREATE INDEX disclosure_demand ON disclosure (demand_id) WHERE demand_id IS NOT NULL;
COMMENT ON COLUMN disclosure.hidden_until IS 'until when it is not shown to whom it is about, by a norm; null where it is shown at once';

CREATE TABLE recipient_letter (
  letter_id    uuid PRIMARY KEY,
  kind         text NOT NULL,
  recipient    text NOT NULL,
  demand_id    uuid,
  about        jsonb NOT NULL,
  language     text NOT NULL,
  state        text NOT NULL,
  channel      text,
  number       text UNIQUE,
  pdf          bytea,
  hash         bytea,
  asked_at     timestamptz NOT NULL,
  made_at      timestamptz,
  sent_at      timestamptz,
  confirmed_at timestamptz,
  due_at       timestamptz NOT NULL,
  told         int NOT NULL
);
CREATE INDEX recipient_letter_open ON recipient_letter (due_at, letter_id) WHERE confirmed_at IS NULL;
CREATE INDEX recipient_letter_demand ON recipient_letter (demand_id) WHERE demand_id IS NOT NULL;
ALTER TABLE recipient_letter ALTER COLUMN pdf SET STORAGE EXTERNAL;
COMMENT ON COLUMN recipient_letter.about IS 'which disclosures and fields, by name; no person: the destroyed are in no register';
COMMENT ON COLUMN recipient_letter.pdf IS 'null of what was handed over by itself: a copy of the data is not kept';
`
