/**
 * Answers with the data of people who have been destroyed since, made before such answers lay under a key of the person and went with
 * them: they go now. An answer that has an export is one of data; whose letter names nobody any more is of who is destroyed, or unlinked.
 */
export const sql = `
UPDATE reply SET sealed = NULL, export = NULL
WHERE export IS NOT NULL AND letter_id IN (SELECT letter_id FROM letter WHERE subject_id IS NULL);
`
