import type { Replayed } from '@doverie/vault'

/** What a replay did, for whoever started it: counts, names of ledgers and ids of people, no data. */
export function replayLines({
  narrowings,
  people,
  destroyed,
  credentials,
  staff,
  unknown,
  reopened,
  ledger,
  keys,
}: Replayed): readonly string[] {
  const lines = [
    `the journal was replayed: ${narrowings} narrowings of ${people} people, ${destroyed.people} people and ` +
      `${destroyed.compartments} compartments destroyed again, ${credentials} credentials revoked, ${staff} of staff switched off`,
  ]
  for (const subject of unknown) {
    lines.push(`${subject} is blocked: nobody knows whether the destruction asked for was begun; an officer decides`)
  }
  if (reopened > 0) {
    lines.push(
      `${reopened} requests would destroy something and are back with staff: what was taken back since is unknown`,
    )
  }
  if (ledger !== null) {
    lines.push(
      `the ledger goes on as ${ledger.origin}, over ${ledger.kept} of the ${ledger.size} entries known of ${ledger.former}: tell its witnesses`,
    )
  }
  if (keys !== null) {
    const { told, buried, lost, lostLetters } = keys
    if (told + buried.people + buried.compartments > 0) {
      lines.push(
        `the key store was older: ${told} narrowings told to it, keys of ${buried.people} people and ` +
          `${buried.compartments} compartments gone again`,
      )
    }
    if (lostLetters > 0)
      lines.push(`${lostLetters} letters came after its copy: they can be answered, and are read no more`)
    if (lost > 0) lines.push(`${lost} people came after its copy: their data open for nobody any more`)
  }
  return lines
}
