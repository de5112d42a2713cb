/** The first line of the signed text of an archive's manifest: no checkpoint begins so. */
export const ARCHIVE_FORMAT = 'doverie/inspection-archive/v1'

/** Where in an archive lies what its verifier reads; registers and policies lie beside, under the names that the manifest gives. */
export const ARCHIVE_FILES = {
  /** Canonical JSON, and the same as a note that the ledger's key signed. */
  manifest: 'manifest.json',
  signed: 'manifest.note',
  /** The newest signed tree that counts, cosignatures included. */
  checkpoint: 'ledger/checkpoint',
  /** The ledger's keys, its witnesses and their quorum (c2sp.org/tlog-policy). */
  trust: 'ledger/policy',
  tree: 'ledger/tree.json',
  entries: 'ledger/entries.json',
} as const

/** Bounds that whoever makes an archive keeps and whoever verifies one asks for. */
export const ARCHIVE_LIMITS = {
  /** Bytes of the file, and of all that it holds. */
  packed: 536_870_912,
  unpacked: 1_073_741_824,
  files: 2000,
} as const

export interface ArchivedFile {
  readonly path: string
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

/** What an archive is and holds. Moments are RFC 3339 in the operator's zone. */
export interface ArchiveManifest {
  readonly v: 1
  /** Days in `zone`, both part of it. */
  readonly period: { readonly from: string; readonly to: string; readonly zone: string }
  readonly madeAt: string
  /** By pseudonym, or whoever holds the machine. */
  readonly madeBy: string
  readonly operator: string
  /** The version of the policy that was in force when it was made; what it is made with. */
  readonly policy: string
  readonly program: string
  /** The tree that the archive is under; root in hex. */
  readonly ledger: { readonly origin: string; readonly size: number; readonly root: string }
  /** Lines of each register. */
  readonly registers: Readonly<Record<string, number>>
  /** Entries of the ledger that registers name and that the archive proves; those it names without a proof, and why there are any. */
  readonly entries: { readonly proved: number; readonly unproved: number }
  readonly files: readonly ArchivedFile[]
}

/** How the tree grew: as it was when the period began and when it ended, each part of that of the checkpoint. Hashes in base64. */
export interface ArchivedTree {
  readonly period: { readonly from: string; readonly to: string }
  readonly begin: ArchivedPrefix
  readonly end: ArchivedPrefix
}

/** The first so many entries of the ledger, and the proof that they are the beginning of the checkpoint's tree; none of the empty tree. */
export interface ArchivedPrefix {
  readonly size: number
  readonly root: string
  readonly proof: readonly string[]
  /** What the ledger signed of this tree on its day, cosignatures included; null where that was not kept. */
  readonly checkpoint: string | null
}

/** An entry of the ledger as a line of a register names it. */
export interface CitedEntry {
  /** What it is of the line: its registration, its end, its document. */
  readonly of: string
  /** Null where it has none yet, or was looked for in vain. */
  readonly place: number | null
  /** What the public tree has at that place: SHA-256, hex. */
  readonly leaf: string | null
}

/** A line of `ARCHIVE_FILES.entries`: an entry and its way to the root. Hashes in base64. */
export interface ProvedEntry {
  readonly place: number
  readonly leaf: string
  readonly proof: readonly string[]
}
