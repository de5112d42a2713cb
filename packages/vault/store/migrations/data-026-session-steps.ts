/** What is proved in a session beside being signed in; codes that prove one channel for one purpose; messages to phones. */
export const sql = `
ALTER TABLE session ADD COLUMN steps jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN session.steps IS 'methods by which it was proved again who is signed in, each with its moment';
ALTER TABLE sign_in ADD COLUMN bound_to text;
COMMENT ON COLUMN sign_in.bound_to IS 'the session or the letter for which a code of kind "proof" is good, and nothing else';
ALTER TABLE outbox ADD COLUMN channel text NOT NULL DEFAULT 'mail';
COMMENT ON COLUMN outbox.channel IS 'mail, or sms: whether it goes to a mail server or to the gateway';
`
