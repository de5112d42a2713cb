/**
 * The register of incidents: what happened lies sealed under a key of the incident's own, what became of it and when in clear. Who was
 * affected is a row of theirs, which goes with the person.
 */
export const sql = `
CREATE TABLE incident (
  incident_id uuid PRIMARY KEY,
  number      text NOT NULL UNIQUE,
  profile     text NOT NULL,
  policy      text NOT NULL,
  detected_at timestamptz NOT NULL,
  opened_at   timestamptz NOT NULL,
  opened_by   text NOT NULL,
  state       text NOT NULL,
  fold        jsonb NOT NULL,
  places      int NOT NULL,
  due_at      timestamptz,
  wake_at     timestamptz,
  ended_at    timestamptz,
  late        boolean NOT NULL,
  sealed      bytea NOT NULL,
  scope       jsonb,
  scan        int NOT NULL,
  affected    jsonb,
  telling_at  timestamptz
);
CREATE INDEX incident_wake ON incident (wake_at) WHERE wake_at IS NOT NULL;
ALTER TABLE incident ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON COLUMN incident.scan IS 'which search for the people affected is the newest';
COMMENT ON COLUMN incident.affected IS 'what the newest search found, in numbers; null while it is under way';
COMMENT ON COLUMN incident.telling_at IS 'since when the people affected are being told';

CREATE TABLE incident_event (
  incident_id uuid NOT NULL,
  place       int NOT NULL,
  at          timestamptz NOT NULL,
  by          text,
  entry_id    uuid NOT NULL,
  body        jsonb NOT NULL,
  PRIMARY KEY (incident_id, place)
);

CREATE TABLE incident_document (
  document_id uuid PRIMARY KEY,
  incident_id uuid NOT NULL,
  number      text NOT NULL UNIQUE,
  kind        text NOT NULL,
  made_at     timestamptz NOT NULL,
  made_by     text NOT NULL,
  hash        bytea NOT NULL,
  bytes       int NOT NULL,
  sealed      bytea NOT NULL,
  twin        bytea NOT NULL
);
CREATE INDEX incident_document_of ON incident_document (incident_id, made_at);
ALTER TABLE incident_document ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN twin SET STORAGE EXTERNAL;
COMMENT ON COLUMN incident_document.twin IS 'the same for a machine, sealed JSON';

CREATE TABLE incident_person (
  subject_id   uuid NOT NULL,
  incident_id  uuid NOT NULL,
  scan         int NOT NULL,
  entries      int NOT NULL,
  first_place  bigint NOT NULL,
  last_place   bigint NOT NULL,
  compartments text[] NOT NULL,
  told         text,
  PRIMARY KEY (subject_id, incident_id)
);
CREATE INDEX incident_person_of ON incident_person (incident_id, subject_id);
COMMENT ON TABLE incident_person IS 'goes with the person; how many there were stays with the incident';
`
