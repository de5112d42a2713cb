/** Single fields that were destroyed are among what a restore may not bring back: the index of such events knows them. */
export const sql = `
DROP INDEX event_narrowing;
CREATE INDEX event_narrowing ON event (at) WHERE body->>'kind' IN ('consent-withdrawn', 'contract-ended', 'blocked', 'field-closed', 'identifier-changed', 'age-declared', 'representative-ended', 'hold-set', 'hold-confirmed', 'erasure-asked', 'erasure-ended', 'destruction-begun', 'fields-destroyed');
`
