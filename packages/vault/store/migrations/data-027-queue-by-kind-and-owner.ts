/** A page of the queue is read off an index whatever it is asked by; what waits for a calendar is found without looking at all that is open. */
export const sql = `
CREATE INDEX request_queue_kind_owner ON request (kind, owner, due_at, request_id) WHERE ended_at IS NULL;
CREATE INDEX request_uncounted ON request (request_id) WHERE ended_at IS NULL AND fold @> '{"tracks": [{"counted": false, "end": null}]}';
`
