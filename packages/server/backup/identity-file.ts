import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { createFile, makeFolder, ownerOfFolder } from '../durable-file.ts'
import { identitiesOf } from './sealed-file.ts'

/** Makes a new age identity in a file of its own (mode 0600) and gives its recipient. Throws `not-empty` over an existing file. */
export async function createIdentity(path: string): Promise<string> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  await makeFolder(dirname(path), 0o700)
  const made = await createFile(path, `# public key: ${recipient}\n${identity}\n`, await ownerOfFolder(dirname(path)))
  if (!made) throw new DoverieError('not-empty', `${path} is there already`)
  return recipient
}

/** Who opens backups, from a file as `age-keygen` writes it. Throws `wrong-identity`. */
export async function readIdentities(path: string): Promise<Decrypter> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    throw new DoverieError('wrong-identity', `the identity file ${path} cannot be read (${code ?? 'unknown reason'})`)
  })
  return identitiesOf(text)
}
