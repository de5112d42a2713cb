/**
 * A letter under a key that was used before is known for another one by a keyed hash of what was sent. An answer with a person's data
 * lies sealed under keys of the person, too. What keeps a request from going on by itself is told beside it.
 */
export const sql = `
ALTER TABLE letter ADD COLUMN content_hash bytea;
COMMENT ON COLUMN letter.content_hash IS 'keyed hash of what was sent under source; goes with it';
ALTER TABLE reply ADD COLUMN of_person boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN reply.of_person IS 'true where it lies sealed under a key of the person, too, and so goes with their data';
ALTER TABLE request ADD COLUMN hindered jsonb;
COMMENT ON COLUMN request.hindered IS 'why it does not go on by itself: the refusal of the policy, or a restore; null once it moved on';
`
