import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { normaliseValue } from '@doverie/core/policy'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { findHolders } from '../guard/index-identifiers.ts'
import type { Vault } from '../guard/vault.ts'
import { insertSignIn } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { loadFacts } from '../store/subjects.ts'
import { type NextCode, nextCode } from './sign-in-code.ts'

/** Of more people with one address than this the rest is not looked at. */
const HOLDERS = 20

/** A code went out. The id goes to the browser that asked and to nobody else: the code is good only together with it. */
export interface SentCode {
  readonly id: Uuid
  readonly expiresAt: Instant
}

/**
 * Begins a sign-in by e-mail. Whether the address is known makes no difference to the caller: the same statements run, a
 * letter goes to the address typed, and the answer is the same; only the letter's words differ. Throws `invalid-value` where
 * the text is no address.
 */
export async function requestCode(vault: Vault, request: { readonly email: string }): Promise<SentCode> {
  const email = normaliseValue('email', request.email)
  if (!email.ok) throw new DoverieError(email.error.code, email.error.message, { field: 'email' })
  const known = await holderOf(vault, email.value)
  return transaction(vault.data, (tx) => sendCode(vault, tx, known ?? vault.newId(), email.value, known !== undefined))
}

/**
 * Who has proved a mailbox, but for one. That staff confirmed somebody's data proves no mailbox: else whoever may correct and
 * confirm could become anybody. Both statements run whatever the first one finds.
 * Inside a transaction `db` is its connection: waiting for a second one would let sign-ins lock each other out.
 */
export async function holderOf(
  vault: Vault,
  email: string,
  except: Uuid | null = null,
  db: Queryable = vault.data,
): Promise<Uuid | undefined> {
  const holders = (await findHolders(vault, 'email', email, HOLDERS)).filter((holder) => holder !== except)
  const known = await loadFacts(db, holders.length > 0 ? holders : [vault.newId()])
  return holders.find((holder) => known.get(holder)?.facts.proved.includes('email') === true)
}

/**
 * Sends a code to an address, to prove it for a person. `known` is false where there is no such person: the code opens nothing.
 * While a letter sent before tells the code, no other goes.
 */
export async function sendCode(
  vault: Vault,
  tx: Queryable,
  holder: Uuid,
  email: string,
  known = true,
): Promise<SentCode> {
  const id = vault.newId()
  const { kind, target, codeHash, epoch, expiresAt, sends, code } = await nextCode(vault, tx, email, known)
  await insertSignIn(tx, {
    sign_in_id: id,
    kind,
    holder_id: holder,
    target_hash: target,
    code_hash: codeHash,
    epoch,
    bound_to: null,
    issued_by: null,
    attempts: 0,
    expires_at: new Date(expiresAt),
  })
  if (sends) await queueLetter(vault, tx, holder, known ? codeLetter(email, code, kind) : strangerLetter(email))
  return { id, expiresAt }
}

function codeLetter(to: string, code: string, kind: NextCode['kind']): Letter {
  const long = kind === 'subject-long'
  return {
    to,
    subject: `${code} — код для входа / sign-in code`,
    text: [
      `Ваш код: ${code}`,
      'Он действует 10 минут и один раз. Если вы его не запрашивали, ничего делать не нужно.',
      ...(long
        ? ['Для вашего адреса просят много кодов: пока действует этот, новых писем не будет, подходит он.']
        : []),
      '',
      `Your code: ${code}`,
      'It is good for 10 minutes and once. If you did not ask for it, there is nothing to do.',
      ...(long
        ? ['Many codes are asked for with your address: while this one is good it fits, and no other comes.']
        : []),
    ].join('\n'),
  }
}

function strangerLetter(to: string): Letter {
  return {
    to,
    subject: 'Вход не выполнен / No sign-in',
    text: [
      'Кто-то попросил код для входа с этим адресом, но подтверждённых данных с ним у нас нет.',
      'Если это были вы, заполните форму регистрации. Если нет, ничего делать не нужно.',
      '',
      'Somebody asked for a sign-in code with this address, but we hold no proved data with it.',
      'If it was you, fill in the registration form. If not, there is nothing to do.',
    ].join('\n'),
  }
}
