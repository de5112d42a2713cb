/**
 * The registers of the operator's own duties: notices to the authority, assessments of harm, agreements, attestations. What became of
 * each and when stands in clear, so that clocks run without a key; what staff write lies sealed under a key of the duty's own.
 */
export const sql = `
CREATE TABLE duty (
  duty_id   uuid PRIMARY KEY,
  number    text NOT NULL UNIQUE,
  kind      text NOT NULL,
  about     text NOT NULL,
  profile   text NOT NULL,
  policy    text NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by text,
  state     text NOT NULL,
  fold      jsonb NOT NULL,
  facts     jsonb NOT NULL,
  places    int NOT NULL,
  due_at    timestamptz,
  wake_at   timestamptz,
  ended_at  timestamptz,
  late      boolean NOT NULL,
  sealed    bytea
);
CREATE UNIQUE INDEX duty_running ON duty (kind, about) WHERE ended_at IS NULL;
CREATE INDEX duty_wake ON duty (wake_at) WHERE wake_at IS NOT NULL;
ALTER TABLE duty ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON COLUMN duty.about IS 'a recipient or a version as the policy names it; policy for what concerns the processing as a whole';
COMMENT ON COLUMN duty.opened_by IS 'null where the software found it owed';

CREATE TABLE duty_event (
  duty_id  uuid NOT NULL,
  place    int NOT NULL,
  at       timestamptz NOT NULL,
  by       text,
  entry_id uuid NOT NULL,
  body     jsonb NOT NULL,
  facts    jsonb NOT NULL,
  PRIMARY KEY (duty_id, place)
);
COMMENT ON COLUMN duty_event.facts IS 'what the register said from then on';

CREATE TABLE duty_document (
  document_id uuid PRIMARY KEY,
  duty_id     uuid NOT NULL,
  number      text NOT NULL UNIQUE,
  kind        text NOT NULL,
  made_at     timestamptz NOT NULL,
  made_by     text NOT NULL,
  hash        bytea NOT NULL,
  bytes       int NOT NULL,
  sealed      bytea NOT NULL,
  twin        bytea NOT NULL
);
CREATE INDEX duty_document_of ON duty_document (duty_id, made_at);
ALTER TABLE duty_document ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN twin SET STORAGE EXTERNAL;
`
