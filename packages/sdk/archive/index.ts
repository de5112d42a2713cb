/** Verification for whoever is handed an inspector's archive: offline, in a browser or in Node, by the file and the ledger's published keys. */
export { type ArchiveTrust, type VerifiedArchive, verifyArchive } from './verify-archive.ts'
