/** The newest events that may narrow are compared with the key store's journal at every start: a journal that lacks one is an older one. */
export const sql = `
CREATE INDEX event_narrowing ON event (at) WHERE body->>'kind' IN ('consent-withdrawn', 'contract-ended', 'blocked', 'field-closed', 'identifier-changed', 'age-declared', 'representative-ended', 'hold-set', 'hold-confirmed', 'erasure-asked', 'erasure-ended', 'destruction-begun');
`
