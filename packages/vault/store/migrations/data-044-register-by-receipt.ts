/** The register is read by when things came, ended or not. */
export const sql = `
CREATE INDEX request_received ON request (received_at DESC, request_id DESC);
`
