import { randomBytes } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import type { Kms } from '../seal/kms.ts'
import { fileKms, type RootKeys } from '../seal/kms-file.ts'
import { TEST_ROOT_KEY } from './netrack-bundle.ts'

/** A KMS over root keys in memory, with the file's own behaviour. Two vaults of one test share one. */
export function memoryKms(root: RootKeys = { current: 1, versions: [{ version: 1, key: TEST_ROOT_KEY }] }): Kms {
  let held = root
  return fileKms({
    read: () =>
      held.versions.length === 0 ? Promise.reject(new DoverieError('wrong-root-key')) : Promise.resolve(held),
    add: () => {
      const current = held.current + 1
      held = { current, versions: [...held.versions, { version: current, key: randomBytes(32) }] }
      return Promise.resolve(current)
    },
    destroyUpTo: (version) => {
      held = { ...held, versions: held.versions.filter((one) => one.version > version) }
      return Promise.resolve()
    },
  })
}
