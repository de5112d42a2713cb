import type { Operation } from '../../base/index.ts'
import { REASONS, type Reason } from '../decision.ts'
import type { Declarations } from '../model.ts'
import { ACTOR_WORDS, OPERATION_WORDS, say, type Words, wordsOf } from '../prove/words.ts'
import { entityWords, fieldsWords, named, REASON_WORDS } from './words.ts'

/** An entry of the ledger, as far as it is told to the person whose it is. */
export interface EntryToTell {
  readonly act: string
  readonly operation: Operation | null
  readonly actor: {
    readonly kind: string
    readonly name: string
    readonly id?: string
    /** The role that a member of staff stood in for. */
    readonly deputyOf?: string
  }
  readonly effect: 'permit' | 'refuse'
  readonly clauses: readonly string[]
  readonly purpose?: string
  readonly entity?: string
  readonly fields?: readonly string[]
  readonly compartments?: readonly string[]
  readonly reasons?: readonly string[]
  readonly recipient?: string
  readonly ticket?: string
}

/** An entry in plain words, by the version of the policy that judged it. */
export interface EntryWords {
  readonly who: Words
  readonly what: Words
  readonly purpose: Words | null
  readonly data: Words | null
  readonly clauses: readonly {
    readonly number: string
    /** Its title, or where it has none, what it says. */
    readonly title: Words
  }[]
  /** Why it was refused; empty where it was permitted. */
  readonly reasons: readonly Words[]
}

/** What acts are to the person; another is told by its operation of the law's list. */
const ACTS: Readonly<Record<string, Words>> = {
  open: { ru: 'открытие данных', en: 'opened data' },
  decide: { ru: 'проверка, можно ли открыть данные', en: 'asked whether data may be opened' },
  compare: { ru: 'сверка значения без его показа', en: 'compared a value without seeing it' },
  search: { ru: 'поиск человека', en: 'searched for a person' },
  'found-by-surname': {
    ru: 'сотрудник искал по фамилии и увидел сокращённые имя и контакты',
    en: 'staff searched by surname and saw name and contacts masked',
  },
  found: { ru: 'человек найден по его данным', en: 'found the person by their data' },
  describe: {
    ru: 'просмотр того, что хранится и на каких основаниях',
    en: 'looked at what is held and on which grounds',
  },
  explain: { ru: 'вопрос, почему решено именно так', en: 'asked why a decision fell as it did' },
  collect: { ru: 'отправка формы', en: 'sent a form' },
  confirm: { ru: 'подтверждение данных', en: 'confirmed the data' },
  'prove-identifier': { ru: 'адрес подтверждён кодом из письма', en: 'proved an address by the code from a letter' },
  'send-phone-code': { ru: 'отправлен код на телефон', en: 'had a code sent to the phone' },
  'prove-phone': { ru: 'телефон подтверждён кодом', en: 'proved a phone by a code' },
  'send-proof-code': { ru: 'отправлен код, чтобы проверить, кто написал', en: 'had a code sent to check who wrote' },
  'add-passkey': { ru: 'добавлен ключ входа', en: 'added a passkey' },
  'rename-passkey': { ru: 'ключ входа переименован', en: 'renamed a passkey' },
  'remove-passkey': { ru: 'ключ входа удалён', en: 'removed a passkey' },
  'end-own-sessions': { ru: 'завершены остальные входы', en: 'ended their other sessions' },
  'check-signature': { ru: 'проверена форма подписи на письме', en: 'checked the form of a signature on a letter' },
  'prove-by-provider': { ru: 'подтверждение через внешний сервис', en: 'proved themselves by an identity provider' },
  'use-passkey': { ru: 'подтверждение ключом входа', en: 'proved themselves by a passkey' },
  'propose-mailbox': { ru: 'предложен новый адрес вместо утраченного', en: 'proposed another mailbox for a lost one' },
  'confirm-mailbox': { ru: 'новый адрес подтверждён вторым сотрудником', en: 'confirmed another mailbox' },
  'cancel-mailbox': { ru: 'замена адреса отменена', en: 'cancelled the change of mailbox' },
  'replace-mailbox': { ru: 'утраченный адрес заменён', en: 'replaced a lost mailbox' },
  unblock: { ru: 'снятие блокировки', en: 'lifted the block' },
  correct: { ru: 'исправление или дополнение данных', en: 'corrected or supplemented data' },
  'give-consent': { ru: 'согласие дано', en: 'gave a consent' },
  'make-public': {
    ru: 'выбор, что открыто для всех и с какими запретами',
    en: 'chose what is public and under which bans',
  },
  'serve-public': { ru: 'показ открытых для всех данных', en: 'showed what was made public' },
  withdraw: { ru: 'согласие отозвано', en: 'withdrew a consent' },
  'end-contract': { ru: 'договор окончен', en: 'recorded the end of a contract' },
  'set-confidentiality': { ru: 'изменение закрытости поля', en: 'changed what a field is closed to' },
  'set-aside': { ru: 'данные отложены до проверки', en: 'set data aside until they are checked' },
  'consent-receipt': { ru: 'выдана квитанция о согласии', en: 'took the receipt of a consent' },
  'correct-age': { ru: 'исправление сведений о совершеннолетии', en: 'corrected whether the person is of age' },
  'register-representative': {
    ru: 'проверены полномочия представителя',
    en: 'verified the authority of a representative',
  },
  'propose-representative': {
    ru: 'записан документ представителя, ждёт подтверждения',
    en: 'wrote down the document of a representative, to be confirmed',
  },
  'confirm-representative': { ru: 'представитель подтверждён', en: 'confirmed a representative' },
  'end-representative': { ru: 'полномочия представителя прекращены', en: 'ended the authority of a representative' },
  'read-history': { ru: 'просмотр истории', en: 'looked at the history' },
  'show-ledger-secret': { ru: 'выдан секрет журнала', en: 'was given the secret of the ledger' },
  'read-disclosures': { ru: 'просмотр того, кому передавали данные', en: 'looked at whom data went to' },
  'set-hold': { ru: 'запрет на уничтожение поставлен', en: 'set a legal hold' },
  'lift-hold': { ru: 'запрет на уничтожение снят', en: 'lifted a legal hold' },
  'ask-disclosure': { ru: 'запрошена передача данных', en: 'asked to hand data over' },
  disclose: { ru: 'данные переданы', en: 'handed data over' },
  'decline-disclosure': { ru: 'в передаче данных отказано', en: 'declined to hand data over' },
  'settle-conflict': { ru: 'решено, какие из разных данных верны', en: 'settled which of differing data are right' },
  'ask-destruction': { ru: 'запрошено уничтожение данных', en: 'asked for the destruction of data' },
  'cancel-destruction': { ru: 'уничтожение отменено', en: 'cancelled the destruction' },
  'put-off-destruction': { ru: 'уничтожение отложено', en: 'put the destruction off' },
  resealed: { ru: 'перенос данных под новые ключи', en: 'put the data under new keys' },
  'destroy-field': { ru: 'уничтожено лишнее поле', en: 'destroyed a field that nothing asks for any more' },
  destroy: { ru: 'начало уничтожения данных', en: 'began the destruction of data' },
  'destroy-person': {
    ru: 'начало уничтожения всех данных человека',
    en: 'began the destruction of all data of the person',
  },
  'register-letter': { ru: 'обращение зарегистрировано', en: 'registered a letter' },
  'join-letter': { ru: 'к обращению добавлен ответ того же адреса', en: 'added an answer to a letter' },
  'read-letter': { ru: 'чтение обращения', en: 'read a letter' },
  'read-letter-part': { ru: 'чтение приложения к обращению', en: 'read what hung on a letter' },
  'link-letter': { ru: 'установлено, о ком обращение', en: 'said whom a letter is about' },
  'unlink-letter': { ru: 'обращение оказалось не об этом человеке', en: 'found that a letter is about somebody else' },
  'check-identity': { ru: 'проверка, кто написал', en: 'checked who wrote' },
  'reroute-request': { ru: 'обращение продолжено другим', en: 'let a request go on as another' },
  'step-request': { ru: 'шаг по обращению', en: 'took a step on a request' },
  'escalate-request': { ru: 'напоминание о сроке обращения', en: 'reminded of the term of a request' },
  'accept-destruction': { ru: 'решение об уничтожении по обращению', en: 'decided on a destruction at a request' },
  'stop-for-request': { ru: 'обработка прекращена по обращению', en: 'stopped processing at a request' },
  'unblock-for-request': { ru: 'снятие блокировки по обращению', en: 'lifted the block of a request' },
  'recall-request': { ru: 'обращение отозвано', en: 'took a request back' },
  'send-reply': { ru: 'ответ на обращение', en: 'answered a request' },
  'post-reply': { ru: 'ответ отправлен почтой', en: 'posted an answer' },
  'read-reply': { ru: 'чтение ответа', en: 'read an answer' },
  'read-export': { ru: 'выгрузка ответа', en: 'took an answer for a machine' },
  'tell-reopened': { ru: 'сообщение, что обращение решают заново', en: 'told that a request is decided anew' },
  'ask-review': { ru: 'вопрос, верны ли ещё данные', en: 'asked whether the data are still right' },
  'tell-of-incident': { ru: 'сообщение об инциденте с данными', en: 'told of an incident with the data' },
  destroyed: { ru: 'уничтожение завершено: данных больше нет', en: 'ended the destruction: the data are gone' },
}
/** Acts whose entry names every compartment that could be concerned: to list them would say that all of it is held. */
const LOOKED_OVER: readonly string[] = ['prove-identifier', 'prove-phone', 'register-letter']
const SYSTEM: Words = { ru: 'сама система', en: 'the system itself' }
const DEPUTY: Words = { ru: ' (замещает)', en: ' (standing in)' }
const NO_WORDS: Words = { ru: '', en: '' }

/** Tells an entry. `policy` is the version that judged it; names that it does not know stand as they are. */
export function entryWords(policy: Declarations, entry: EntryToTell): EntryWords {
  const { fields, compartments, purpose, reasons = [] } = entry
  return {
    who: whoWords(policy, entry),
    what: whatWords(policy, entry),
    purpose: purpose === undefined ? null : named(policy.purposes, purpose),
    data:
      fields !== undefined && fields.length > 0
        ? fieldsWords(policy, fields)
        : compartments === undefined || LOOKED_OVER.includes(entry.act)
          ? null
          : listed(compartments.map((id) => named(policy.compartments, id))),
    clauses: entry.clauses.map((number) => ({ number, title: titleOf(policy, number) })),
    reasons: reasons.filter((reason): reason is Reason => reason in REASONS).map((reason) => REASON_WORDS[reason]),
  }
}

function whoWords(policy: Declarations, { actor, ticket }: EntryToTell): Words {
  const { kind, name, id, deputyOf } = actor
  const of = kind in ACTOR_WORDS ? ACTOR_WORDS[kind as keyof typeof ACTOR_WORDS] : SYSTEM
  if (kind !== 'service' && kind !== 'staff') return of
  const label = wordsOf([...policy.actors.values()].find((one) => one.kind === kind && one.id === name)?.label, name)
  const by = kind === 'staff' && id !== undefined ? `, ${id}` : ''
  const instead = deputyOf === undefined ? NO_WORDS : DEPUTY
  const about = ticket === undefined ? NO_WORDS : { ru: `, обращение ${ticket}`, en: `, ticket ${ticket}` }
  return say((language) => `${of[language]}: ${label[language]}${by}${instead[language]}${about[language]}`)
}

function whatWords(policy: Declarations, { act, operation, effect, entity, recipient }: EntryToTell): Words {
  const told = ACTS[act] ?? (operation === null ? { ru: act, en: act } : OPERATION_WORDS[operation])
  const refused = effect === 'permit' ? NO_WORDS : { ru: 'отказано: ', en: 'refused: ' }
  const of = entity === undefined ? null : entityWords(policy, entity)
  const to = recipient === undefined ? null : named(policy.recipients, recipient)
  return say(
    (language) =>
      `${refused[language]}${told[language]}${to === null ? '' : ` → ${to[language]}`}${of === null ? '' : ` (${of[language]})`}`,
  )
}

function titleOf(policy: Declarations, number: string): Words {
  return say((language) => {
    const clause = policy.texts.get(language)?.clauses.get(number)
    // Most have no title of their own and are a sentence.
    return clause === undefined ? '' : clause.title === '' ? clause.text : clause.title
  })
}

function listed(all: readonly Words[]): Words {
  return say((language) => all.map((words) => words[language]).join(', '))
}
