/**
 * The register of what people write and ask: letters with what hangs on them, the requests that each starts, their events, and what is
 * sent in reply. Contents are sealed under keys of the letter's own; what lies here in clear names kinds, states, times and ids.
 */
export const sql = `
CREATE TABLE register_number (
  series text NOT NULL,
  year   int NOT NULL,
  last   int NOT NULL,
  PRIMARY KEY (series, year)
);
COMMENT ON TABLE register_number IS 'the last number given out; its row is locked to the end of the registration, so numbers have no gaps';

CREATE TABLE letter (
  letter_id     uuid PRIMARY KEY,
  number        text NOT NULL UNIQUE,
  channel       text NOT NULL,
  received_at   timestamptz NOT NULL,
  registered_at timestamptz NOT NULL,
  registered_by text,
  source        bytea UNIQUE,
  thread        bytea,
  subject_id    uuid,
  identity      text NOT NULL,
  proof         jsonb,
  sealed        bytea,
  parts         int NOT NULL,
  bytes         bigint NOT NULL
);
CREATE INDEX letter_subject ON letter (subject_id, received_at) WHERE subject_id IS NOT NULL;
CREATE INDEX letter_thread ON letter (thread) WHERE thread IS NOT NULL;
ALTER TABLE letter ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON COLUMN letter.source IS 'keyed hash of what it came as (a message, a submission): the same one is registered once';
COMMENT ON COLUMN letter.subject_id IS 'who it is about: claimed, or proved, as identity says';
COMMENT ON COLUMN letter.proof IS 'the record of the check: method, level, result, by whom, when; never a copy of a document';
COMMENT ON COLUMN letter.sealed IS 'null once its term of keeping is over';

CREATE TABLE letter_part (
  letter_id uuid NOT NULL,
  part_id   uuid NOT NULL,
  sealed    bytea NOT NULL,
  PRIMARY KEY (letter_id, part_id)
);
ALTER TABLE letter_part ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE request (
  request_id    uuid PRIMARY KEY,
  number        text NOT NULL UNIQUE,
  letter_id     uuid NOT NULL,
  kind          text NOT NULL,
  entity        text,
  profile       text NOT NULL,
  policy        text NOT NULL,
  routed_by     text NOT NULL,
  received_at   timestamptz NOT NULL,
  registered_at timestamptz NOT NULL,
  state         text NOT NULL,
  owner         text,
  assigned_to   uuid,
  fold          jsonb NOT NULL,
  places        int NOT NULL,
  due_at        timestamptz,
  outer_at      timestamptz,
  wake_at       timestamptz,
  ended_at      timestamptz,
  late          boolean NOT NULL
);
CREATE INDEX request_queue ON request (due_at, request_id) WHERE ended_at IS NULL;
CREATE INDEX request_queue_kind ON request (kind, due_at, request_id) WHERE ended_at IS NULL;
CREATE INDEX request_queue_owner ON request (owner, due_at, request_id) WHERE ended_at IS NULL;
CREATE INDEX request_wake ON request (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX request_letter ON request (letter_id);
CREATE INDEX request_ended ON request (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON COLUMN request.entity IS 'the legal entity it is addressed to; null where to the brand, which is all of them';
COMMENT ON COLUMN request.fold IS 'fold of request_event';
COMMENT ON COLUMN request.places IS 'how many events there are';
COMMENT ON COLUMN request.wake_at IS 'when something is due of itself: an escalation, the day of a destruction';

CREATE TABLE request_event (
  request_id uuid NOT NULL,
  place      int NOT NULL,
  at         timestamptz NOT NULL,
  by         text,
  entry_id   uuid NOT NULL,
  body       jsonb NOT NULL,
  PRIMARY KEY (request_id, place)
);
COMMENT ON COLUMN request_event.entry_id IS 'the ledger entry of the act: only through here, and as long as the register is kept, is the entry tied to the request';

CREATE TABLE reply (
  reply_id   uuid PRIMARY KEY,
  number     text NOT NULL UNIQUE,
  letter_id  uuid NOT NULL,
  request_id uuid NOT NULL,
  kind       text NOT NULL,
  channel    text NOT NULL,
  made_at    timestamptz NOT NULL,
  made_by    text,
  sent_at    timestamptz,
  hash       bytea NOT NULL,
  bytes      int NOT NULL,
  event      jsonb,
  sealed     bytea,
  export     bytea
);
CREATE INDEX reply_request ON reply (request_id, made_at);
ALTER TABLE reply ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN export SET STORAGE EXTERNAL;
COMMENT ON COLUMN reply.export IS 'the same for a machine, sealed JSON; null where it has none';
COMMENT ON COLUMN reply.event IS 'what a printed document brings about once it is posted; null where it did at once';
COMMENT ON COLUMN reply.hash IS 'SHA-256 of the document as it went out; the ledger has the same';
`
