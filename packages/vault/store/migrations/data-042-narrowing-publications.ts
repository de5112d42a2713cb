/** What is public from now on may be less than before: the index of events that may narrow knows these, too. */
export const sql = `
DROP INDEX event_narrowing;
CREATE INDEX event_narrowing ON event (at) WHERE body->>'kind' IN ('consent-withdrawn', 'contract-ended', 'blocked', 'field-closed', 'identifier-changed', 'age-declared', 'representative-ended', 'hold-set', 'hold-confirmed', 'erasure-asked', 'erasure-ended', 'destruction-begun', 'fields-destroyed', 'made-public');
`
