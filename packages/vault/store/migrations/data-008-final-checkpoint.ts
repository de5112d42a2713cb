/** The newest checkpoint that enough witnesses cosigned, where a policy asks for witnesses; and who asks them at present. */
export const sql = `
CREATE TABLE ledger_final (
  origin       text PRIMARY KEY,
  size         bigint NOT NULL,
  checkpoint   text,
  at           timestamptz,
  lease_holder uuid,
  lease_until  timestamptz
);
COMMENT ON COLUMN ledger_final.checkpoint IS 'with the cosignatures; null until the first that counts';
COMMENT ON COLUMN ledger_final.lease_holder IS 'the process that asks the witnesses; another one only once lease_until is past';
`
