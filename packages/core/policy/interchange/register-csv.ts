import { csv, type LegalProfile } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import { registerRows } from './register-table.ts'
import { REGISTER_WORDS, type RegisterColumn, type RegisterLanguage } from './register-words.ts'

/** The register of processing as CSV (RFC 4180, UTF-8 without a mark of byte order): a header, then a line per purpose. */
export function registerCsv(policy: Declarations, profile: LegalProfile, language: RegisterLanguage): string {
  const { columns } = REGISTER_WORDS[language]
  const keys = Object.keys(columns) as RegisterColumn[]
  const rows = registerRows(policy, profile, language).map((row) => keys.map((key) => row[key].join('; ')))
  return csv([keys.map((key) => columns[key]), ...rows])
}
