import type { Vault } from '../guard/vault.ts'
import { listDevelopmentMail } from '../use/send-mail.ts'

/** Six digits; or ten letters and digits, where many codes were asked for. */
export const CODE: RegExp = /\b(?:\d{6}|[0-9A-Z]{5}-[0-9A-Z]{5})\b/

/** The texts of letters to an address, newest first, however its letters are cased. */
export async function lettersTo(vault: Vault, address: string): Promise<readonly string[]> {
  const letters = await listDevelopmentMail(vault)
  return letters.filter(({ to }) => to.toLowerCase() === address.toLowerCase()).map(({ text }) => text)
}

/** The code of the newest letter to an address, short or long. */
export async function codeTo(vault: Vault, address: string): Promise<string> {
  const code = CODE.exec((await lettersTo(vault, address))[0] ?? '')?.[0]
  if (code === undefined) throw new Error('no code came')
  return code
}

/** The letters to an address as they go out, newest first. */
export async function mailTo(vault: Vault, address: string): Promise<Awaited<ReturnType<typeof listDevelopmentMail>>> {
  return (await listDevelopmentMail(vault)).filter(({ to }) => to === address)
}
