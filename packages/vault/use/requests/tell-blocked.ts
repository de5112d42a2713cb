import type { RequestKind } from '@doverie/core/base'
import type { Changing } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import { KIND_WORDS } from '../../documents/kind-words.ts'
import { tellPerson } from '../tell-person.ts'

/**
 * Tells a person by every proved channel, in the transaction that registers it, that what was asked in their name blocked their data before
 * more was proved: whoever took a session over freezes no account unseen. The change must touch `channelsOf`.
 */
export async function tellBlocked(vault: Vault, changing: Changing, kinds: readonly RequestKind[]): Promise<void> {
  const words = (language: 'ru' | 'en'): string => kinds.map((kind) => KIND_WORDS[kind][language]).join(', ')
  const letter = {
    subject: 'Ваши данные заблокированы по обращению / Your data are blocked on a request',
    text: [
      `По обращению, поданному под вашим входом (${words('ru')}), вашими данными пока не пользуются.`,
      'Если это не вы, войдите, отзовите обращение и сообщите нам сразу.',
      '',
      `Your data are blocked for now on a request made under your sign-in (${words('en')}).`,
      'If that was not you, sign in, take the request back, and tell us at once.',
    ].join('\n'),
  }
  await tellPerson(vault, changing, letter, 'Ваши данные заблокированы по обращению. Если это не вы, сообщите нам.')
}
