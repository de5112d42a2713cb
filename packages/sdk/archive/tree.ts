import {
  base64,
  ARCHIVE_FILES,
  type ArchivedPrefix,
  type ArchivedTree,
  type ArchiveManifest,
  equalBytes,
  fromBase64,
  fromUtf8,
} from '@doverie/core/base'
import { type Checkpoint, EMPTY_ROOT, type Sha256, verifyConsistency } from '@doverie/core/log'
import { broken, fileOf, type Files } from './archive-files.ts'

/** That the checkpoint continues the ledger as it was when the period of the manifest began, and when it ended. */
export function checkTree(
  files: Files,
  { period }: ArchiveManifest,
  checkpoint: Checkpoint,
  { sha256, opened }: { readonly sha256: Sha256; readonly opened: (note: string) => Checkpoint | null },
): void {
  const path = ARCHIVE_FILES.tree
  const tree = JSON.parse(fromUtf8(fileOf(files, path))) as ArchivedTree
  if (tree.period.from !== period.from || tree.period.to !== period.to) throw broken(path, 'it is of another period')
  if (tree.begin.size > tree.end.size) throw broken(path, 'it ends before it begins')
  for (const prefix of [tree.begin, tree.end]) {
    if (!continues(prefix, checkpoint, sha256)) throw broken(path, 'the checkpoint does not continue it')
    if (prefix.checkpoint === null) continue
    // What was signed on its day is of that very tree.
    const then = opened(prefix.checkpoint)
    if (then?.size !== prefix.size || base64(then.root) !== prefix.root)
      throw broken(path, 'the ledger did not sign it')
  }
}

function continues({ size, root, proof }: ArchivedPrefix, checkpoint: Checkpoint, sha256: Sha256): boolean {
  const [own, way] = [fromBase64(root), proof.map((one) => fromBase64(one) ?? new Uint8Array())]
  if (own === null) return false
  if (size === 0) return proof.length === 0 && equalBytes(own, EMPTY_ROOT)
  return verifyConsistency(size, checkpoint.size, way, own, checkpoint.root, sha256)
}
