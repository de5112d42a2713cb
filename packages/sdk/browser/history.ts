import type { EntryReceipt, EntryWords, HistoryEntry } from '@doverie/core/contract'
import { type EntryBody, proveReceipt, type VerifiedReceipt, verifyReceipt } from '../verify/index.ts'
import { AnswerError, ask, make, report, slot, told } from './page.ts'
import { continueKept, type KeptTrust, keptTrust, readLog } from './trust.ts'

/** So many entries are shown and verified here; whoever wants more takes them over HTTP. */
const SHOWN = 200
const SECRET = 'doverie/ledger-secret'

/** The page of a person's own history: what was done with their data, each entry verified here, in the browser. */
async function show(): Promise<void> {
  const trust = await keptTrust()
  offerCheck(trust)
  const answer = await ask('/v1/me/history').catch((error: unknown) => {
    if (error instanceof AnswerError && [401, 403].includes(error.status)) return null
    throw error
  })
  if (answer === null) {
    offerSignIn()
    return
  }
  const { entries } = (await answer.json()) as { readonly entries: readonly HistoryEntry[] }
  slot('mine').hidden = false
  const newestFirst = [...entries].reverse().slice(0, SHOWN)
  const lines = newestFirst.map((entry) => ({ entry, line: lineOf(entry) }))
  slot('entries').replaceChildren(...lines.map(({ line }) => line.article))
  await compare(trust)
  await verifyAll(lines, trust, entries.length)
}

/** The ledger as a whole: the keys seen first, the checkpoint kept last. */
async function compare(trust: KeptTrust): Promise<void> {
  const place = slot('ledger')
  if (!trust.unchanged) {
    const en =
      'The ledger shows other keys or witnesses than at your first visit. Ask the operator why before you believe it.'
    const ru =
      'Журнал показывает не те ключи или не тех свидетелей, что при вашем первом посещении. Спросите оператора, почему.'
    report(place, 'wrong', { ru, en })
    return
  }
  const { continues, checkpoint } = await continueKept(trust)
  const { size, witnessed } = checkpoint
  if (continues && !witnessed) {
    report(place, 'waits', {
      ru: `Журнал из ${size} записей подписан, но свидетелей, которых требует его политика, ещё мало.`,
      en: `The ledger of ${size} entries is signed, and waits for the witnesses that its policy asks for.`,
    })
    return
  }
  if (continues) {
    const ru = `Журнал из ${size} записей продолжает тот, что ваш браузер видел раньше.`
    report(place, 'ok', { ru, en: `The ledger of ${size} entries continues the one that your browser saw before.` })
    return
  }
  const en = 'The ledger does not continue the one that your browser saw before: it was cut, rolled back or forked.'
  report(place, 'wrong', {
    ru: 'Журнал не продолжает тот, что ваш браузер видел раньше: он укорочен, откачен или раздвоен.',
    en,
  })
}

interface Line {
  readonly article: HTMLElement
  readonly state: HTMLElement
}

function lineOf({ place, body, words }: HistoryEntry): Line {
  const { at, effect } = JSON.parse(body) as { readonly at: number; readonly effect: string }
  const state = make('output', { class: 'state' })
  const file = make('a', { href: `/v1/me/history/${place}/proof`, download: `entry-${place}.tlog-proof` })
  file.append(...told({ ru: 'Скачать доказательство', en: 'Download the proof' }))
  const said = words === null ? [make('pre', {}, body)] : parts(words)
  const when = make('time', { datetime: new Date(at).toISOString(), class: 'dim' }, new Date(at).toLocaleString('ru'))
  const foot = make('p', { class: 'dim' }, state, ' ', file)
  return {
    article: make('article', { class: `card ${effect}`, 'data-place': String(place) }, when, ...said, foot),
    state,
  }
}

function parts({ who, what, purpose, data, clauses, reasons }: EntryWords): readonly HTMLElement[] {
  const lines = [make('h2', {}, ...told(what)), make('p', {}, ...told(who))]
  if (data !== null) lines.push(make('p', {}, 'Данные: ', ...told(data)))
  if (purpose !== null) lines.push(make('p', {}, 'Цель: ', ...told(purpose)))
  for (const reason of reasons) lines.push(make('p', {}, ...told(reason)))
  if (clauses.length === 0) return lines
  const links = clauses.map(({ number, title }) =>
    make(
      'li',
      {},
      make('a', { href: `/policy#${number}` }, `${number} ${title.ru}`),
      ' ',
      make('span', { lang: 'en' }, title.en),
    ),
  )
  return [...lines, make('p', {}, 'По пунктам политики: '), make('ul', {}, ...links)]
}

async function verifyAll(
  lines: readonly { readonly entry: HistoryEntry; readonly line: Line }[],
  trust: KeptTrust,
  all: number,
): Promise<void> {
  let secret = await ledgerSecret(false)
  let verified = 0
  let waiting = 0
  for (const { entry, line } of lines) {
    try {
      const file = await (await ask(`/v1/me/history/${entry.place}/proof`)).text()
      let receipt = await verifyReceipt(file, { policy: trust.policy, secret })
      if (receipt.own !== true && line === lines[0]?.line) {
        // Somebody else was signed in here before.
        secret = await ledgerSecret(true)
        receipt = await verifyReceipt(file, { policy: trust.policy, secret })
      }
      // What is shown must be what was proved, and what was proved must be about this person.
      const same =
        receipt.place === entry.place && JSON.stringify(receipt.body) === JSON.stringify(JSON.parse(entry.body))
      if (!same || receipt.own !== true) throw new Error('another entry')
      if (receipt.checkpoint.witnessed) verified += 1
      else waiting += 1
      reportVerified(line.state, receipt)
    } catch {
      report(line.state, 'wrong', {
        ru: 'Не подтверждается: сообщите оператору и надзорному органу.',
        en: 'Does not verify.',
      })
    }
  }
  const state = verified + waiting < lines.length ? 'wrong' : waiting > 0 ? 'waits' : 'ok'
  const more = all > lines.length
  const ru = `Проверено в вашем браузере: ${verified} из ${lines.length}${more ? ` последних (всего ${all})` : ''}.`
  const en = `Verified in your browser: ${verified} of ${more ? 'the newest ' : ''}${lines.length}${more ? ` (${all} in all)` : ''}.`
  report(slot('count'), state, { ru, en })
}

/** The secret by which entries are known as one's own. Each time it is given out is entered, so it is asked for once a tab. */
async function ledgerSecret(anew: boolean): Promise<string> {
  const kept = anew ? null : sessionStorage.getItem(SECRET)
  if (kept !== null) return kept
  const secret = (await (await ask('/v1/me/history/secret')).text()).trim()
  sessionStorage.setItem(SECRET, secret)
  return secret
}

/** What was proved, as the entry itself says it: the words above it are the server's. */
function provedWords({ act, actor, purpose, fields, clauses, effect }: EntryBody): string {
  const parts = [
    act,
    effect,
    `${actor.kind} ${actor.name}`.trim(),
    actor.deputyOf === undefined ? '' : `deputy of ${actor.deputyOf}`,
    purpose ?? '',
    (fields ?? []).join(', '),
    clauses.join(', '),
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

function reportVerified(place: HTMLElement, { place: index, checkpoint, body }: VerifiedReceipt): void {
  const { size, witnessed } = checkpoint
  if (!witnessed) {
    report(place, 'waits', {
      ru: `Запись ${index} подписана, свидетелей ещё мало.`,
      en: 'Signed; waits for its witnesses.',
    })
    return
  }
  report(place, 'ok', {
    ru: `✓ Запись ${index} есть в журнале из ${size}.`,
    en: `Entry ${index} stands in the tree of ${size}.`,
  })
  place.append(make('br', {}), make('code', {}, provedWords(body)))
}

function offerSignIn(): void {
  const card = slot('sign-in')
  card.hidden = false
  const form = card.querySelector('form')
  const input = card.querySelector('input')
  const word = card.querySelector('output')
  if (form === null || input === null || word === null) return
  let id: string | null = null
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const step = async (): Promise<void> => {
      if (id !== null) {
        await ask(`/v1/sign-in/${id}`, { code: input.value.trim() })
        location.reload()
        return
      }
      const sent = (await (await ask('/v1/sign-in', { email: input.value.trim() })).json()) as { readonly id: string }
      id = sent.id
      input.value = ''
      input.type = 'text'
      input.autocomplete = 'one-time-code'
      report(word, 'waits', { ru: 'Введите код из письма.', en: 'Enter the code from the letter.' })
    }
    step().catch(() => {
      report(word, 'wrong', {
        ru: 'Не получилось: проверьте адрес или код.',
        en: 'That did not work: check the address or the code.',
      })
    })
  })
}

/** Takes a file that somebody kept; nobody needs to be signed in, and what is in the file goes nowhere. */
function offerCheck(trust: KeptTrust): void {
  const input = slot('receipt') as HTMLInputElement
  const word = slot('checked')
  input.addEventListener('change', () => {
    const check = async (): Promise<void> => {
      const text = (await input.files?.[0]?.text()) ?? ''
      const files = text.trimStart().startsWith('{') ? await proved(text, trust) : [text]
      const receipts = await Promise.all(files.map((file) => verifyReceipt(file, trust)))
      if (receipts.some(({ checkpoint }) => !checkpoint.witnessed)) {
        report(word, 'waits', {
          ru: 'Подписано, но свидетелей ещё мало: возьмите доказательство позже.',
          en: 'Signed; waits for its witnesses: take the proof again later.',
        })
        return
      }
      const list = receipts
        .map(({ body, place }) => `${new Date(body.at).toLocaleString('ru')} ${body.act} (${place})`)
        .join('; ')
      report(word, 'ok', { ru: `✓ В журнале есть: ${list}.`, en: 'It stands in the ledger.' })
      word.append(...files.map((file, i) => downloadOf(file, `entry-${receipts[i]?.place ?? i}.tlog-proof`)))
    }
    check().catch((error: unknown) => {
      if (error instanceof AnswerError && error.status === 404) {
        report(word, 'waits', { ru: 'Данные ещё не уничтожены.', en: 'The data are not destroyed yet.' })
        return
      }
      report(word, 'wrong', { ru: 'Этот файл ничего не доказывает.', en: 'This file proves nothing.' })
    })
  })
}

/** What an act answered, made whole from the public log. */
async function proved(text: string, trust: KeptTrust): Promise<readonly string[]> {
  const answer = JSON.parse(text) as {
    readonly receipts: readonly EntryReceipt[]
    readonly waits?: { readonly claim: string } | null
  }
  const receipts = answer.waits ? await claimed(answer.waits.claim) : answer.receipts
  const files = await Promise.all(receipts.map((receipt) => proveReceipt(receipt, readLog, trust)))
  return files.map((file) => {
    if (file === null) throw new Error('not in the ledger')
    return file
  })
}

/** Of a destruction that waited when it was asked for: by now it may have been carried out. */
async function claimed(claim: string): Promise<readonly EntryReceipt[]> {
  const answer = (await (await ask('/v1/erasures/receipts', { claim })).json()) as {
    readonly receipts: readonly EntryReceipt[]
  }
  return answer.receipts
}

function downloadOf(file: string, name: string): HTMLElement {
  const href = URL.createObjectURL(new Blob([file], { type: 'text/plain' }))
  return make('p', {}, make('a', { href, download: name }, name))
}

show().catch(() => {
  report(slot('ledger'), 'wrong', {
    ru: 'Сервер не ответил, или журнал не подтверждается.',
    en: 'The server did not answer, or the ledger does not verify.',
  })
})
