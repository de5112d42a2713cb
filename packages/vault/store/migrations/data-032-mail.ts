/** Letters that come by mail of themselves: how far a folder was read, what was taken, what is set aside; and which letters went out. */
export const sql = `
CREATE TABLE mail_sent (
  mail_id   uuid PRIMARY KEY,
  holder_id uuid NOT NULL,
  letter_id uuid,
  at        timestamptz NOT NULL
);
CREATE INDEX mail_sent_holder ON mail_sent (holder_id);
COMMENT ON TABLE mail_sent IS 'letters that went out: their Message-ID has this id, so what comes back in answer to one is known';
COMMENT ON COLUMN mail_sent.letter_id IS 'the letter of the register that it answers';

CREATE TABLE mail_folder (
  folder        bytea PRIMARY KEY,
  junk          boolean NOT NULL,
  uid_validity  bigint NOT NULL,
  next_uid      bigint NOT NULL,
  first_uid     bigint NOT NULL,
  since         timestamptz NOT NULL,
  before        int NOT NULL,
  fetched_at    timestamptz
);
COMMENT ON TABLE mail_folder IS 'how far a folder of the mailbox was read, all messages below next_uid; folder is a keyed hash of where it is';
COMMENT ON COLUMN mail_folder.first_uid IS 'from here on all messages are taken; below, those received after since';
COMMENT ON COLUMN mail_folder.before IS 'messages that lay there before the first look, and are not taken';

CREATE TABLE mail_state (
  mailbox       bytea PRIMARY KEY,
  reached_at    timestamptz,
  failing_since timestamptz,
  fault         text
);
COMMENT ON TABLE mail_state IS 'whether the mailbox answers; fault is one of a closed list';

CREATE TABLE mail_taken (
  source bytea PRIMARY KEY,
  fate   text NOT NULL,
  at     timestamptz NOT NULL
);
COMMENT ON TABLE mail_taken IS 'keyed hashes of messages that were taken, whatever became of them: the same one is taken once';

CREATE TABLE mail_aside (
  aside_id     uuid PRIMARY KEY,
  reason       text NOT NULL,
  received_at  timestamptz NOT NULL,
  bytes        bigint NOT NULL,
  letter_id    uuid,
  sealed       bytea,
  dismissed_at timestamptz,
  dismissed_by text
);
CREATE INDEX mail_aside_received ON mail_aside (received_at, aside_id);
CREATE INDEX mail_aside_letter ON mail_aside (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX mail_aside_open ON mail_aside (reason) WHERE dismissed_at IS NULL;
ALTER TABLE mail_aside ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE mail_aside IS 'messages that were not taken for letters: automatic answers, bounces, lists, spam; kept sealed for staff to look at';
COMMENT ON COLUMN mail_aside.letter_id IS 'the letter whose answer did not arrive, by a bounce';
COMMENT ON COLUMN mail_aside.sealed IS 'null where the message was left in the mailbox';

CREATE TABLE letter_addition (
  letter_id   uuid NOT NULL,
  addition_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  sealed      bytea NOT NULL,
  seen_at     timestamptz,
  PRIMARY KEY (letter_id, addition_id)
);
CREATE INDEX letter_addition_unseen ON letter_addition (letter_id) WHERE seen_at IS NULL;
ALTER TABLE letter_addition ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE letter_addition IS 'what the same address wrote in answer, sealed under the key of the letter that it joined';

ALTER TABLE letter ADD COLUMN suggested text[];
COMMENT ON COLUMN letter.suggested IS 'kinds of requests that its words speak of beyond those that it started';
`
