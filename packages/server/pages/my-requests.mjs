// What a person has asked of the operator, and asks now, by the HTTP interface with their session.
import {
  begin,
  both,
  button,
  call,
  element,
  isSignedOut,
  one,
  onSubmit,
  proveByPasskey,
  say,
  told,
  when,
} from './my.mjs'
import { partOf } from './shared.mjs'

const place = one('#requests')
const WORDS = JSON.parse(place.dataset.words)
const zone = place.dataset.zone

const dayOf = (at) => new Date(at).toLocaleDateString('ru', { timeZone: zone })
const wordsOf = (table, id) => (WORDS[table][id] === undefined ? [id] : both(WORDS[table][id].ru, WORDS[table][id].en))
/** Whole days that are left until an end, which is the first moment that is too late. */
function left(end) {
  const days = Math.floor((end - Date.now()) / 86_400_000)
  if (end <= Date.now()) return both('план прошёл', 'the planned term is over')
  return days === 0 ? both('последний день', 'the last day') : both(`осталось дней: ${days}`, 'days left')
}

/** What more is to be shown of who asks, where the request waits for that: at once here, or by a key on the page of how one signs in. */
function proof(request) {
  const box = element('div', { className: 'proof' })
  const add = async () => {
    const { state } = await call('POST', `/v1/me/requests/${request.id}/proofs`)
    if (state === request.state) say('Этого ещё недостаточно. It is not enough yet.', 'waits')
    else say('Подтверждено, обращение идёт дальше. Proved: the request goes on.')
  }
  const form = element('form', { hidden: true })
  const code = element('input', { name: 'code', inputMode: 'numeric', autocomplete: 'one-time-code', required: true })
  let sent = null
  form.append(element('label', {}, ...both('Код из сообщения', 'the code from the message'), element('br'), code), ' ')
  const typed = button('Подтвердить · Prove', async () => {
    const answer = await call('POST', `/v1/me/proofs/phone/${sent.id}`, { code: code.value.trim() })
    told(answer)
    if (answer.counts) await add()
  })
  form.append(typed)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    typed.click()
  })
  const byPhone = element('button', { type: 'button' }, 'Прислать код на мой телефон · Send a code to my phone')
  byPhone.addEventListener('click', async () => {
    byPhone.disabled = true
    try {
      sent = await call('POST', '/v1/me/proofs/phone')
      form.hidden = false
      say('Код отправлен на телефон из ваших данных. A code was sent to the phone in your data.')
    } catch (error) {
      say(error.message, 'wrong')
    } finally {
      byPhone.disabled = false
    }
  })
  box.append(
    element(
      'p',
      {},
      ...both(
        'Нужно ещё раз подтвердить, что это вы: одного входа для этого мало.',
        'Prove once more that it is you: being signed in is not enough for this.',
      ),
    ),
    element(
      'p',
      {},
      byPhone,
      ' ',
      button('Ключом входа · By a passkey', async () => {
        const answer = await proveByPasskey()
        told(answer)
        if (answer.counts) await add()
      }),
      ' ',
      button('Я уже подтвердил · I have proved it', add),
      ' ',
      element('a', { href: '/my/security' }, 'другие способы · other ways'),
    ),
    form,
  )
  return box
}

function file(href, words, name) {
  return element('a', { href, download: name }, words)
}

/** What happened, and what was sent: its document, and of an answer with data the same for machines. */
async function more(request, body) {
  const { events, replies } = await call('GET', `/v1/me/requests/${request.id}`)
  const happened = events.map(({ at, what }) => element('li', {}, `${when(at)}: `, ...wordsOf('steps', what)))
  const sent = replies
    .filter(({ sentAt }) => sentAt !== null)
    .map(({ id, number, kind, sentAt }) => {
      const links = [file(`/v1/replies/${id}`, 'PDF', `${number}.pdf`)]
      if (kind === 'answer' && WORDS.exported.includes(request.kind)) {
        links.push(file(`/v1/replies/${id}/export/json`, 'JSON', `${number}.json`))
        links.push(file(`/v1/replies/${id}/export/csv`, 'CSV', `${number}.csv`))
      }
      const item = element('li', {}, ...wordsOf('replies', kind), ` № ${number}, ${when(sentAt)}: `)
      item.append(...links.flatMap((link) => [link, ' ']))
      return item
    })
  body.replaceChildren(
    ...(sent.length === 0 ? [] : [element('ul', { className: 'replies' }, ...sent)]),
    element('ol', {}, ...happened),
  )
}

function recall(request) {
  const words =
    request.kind === 'erasure' ? 'Отменить уничтожение · Cancel the destruction' : 'Отозвать обращение · Take it back'
  return button(words, async () => {
    await call('POST', `/v1/me/requests/${request.id}/recall`)
    say(`Обращение № ${request.number} отозвано. It is taken back.`)
  })
}

/** One request: where it stands, whose move it is, until when, and what can be done. */
function card(request, open) {
  const { number, kind, state, owner, receivedAt, dueAt, outerAt, until, endedAt, steps, late } = request
  const section = element('section', { className: 'card' })
  section.append(
    element(
      'h2',
      {},
      element('span', { className: 'number' }, `№ ${number}`),
      WORDS.kinds[kind].ru,
      ' ',
      element('small', { lang: 'en' }, WORDS.kinds[kind].en),
    ),
  )
  section.append(
    element('p', {}, ...wordsOf('states', state), '. ', ...(owner === null ? [] : wordsOf('owners', owner))),
    element('p', { className: 'dim' }, `Получено ${dayOf(receivedAt)} `, element('span', { lang: 'en' }, 'received')),
  )
  if (endedAt !== null) section.append(element('p', { className: 'dim' }, `Завершено ${dayOf(endedAt)}`))
  else if (dueAt !== null) {
    const due = element('p', { className: 'state' })
    due.dataset.state = late || dueAt <= Date.now() ? 'wrong' : 'ok'
    due.append(
      `По плану до ${dayOf(dueAt - 1)} включительно, по закону не позже ${dayOf(outerAt - 1)}: `,
      ...left(dueAt),
    )
    section.append(due)
  }
  if (until !== null && endedAt === null) {
    const words = `Данные будут уничтожены ${when(until)}, до этого дня можно отменить.`
    section.append(element('p', {}, ...both(words, 'The day of the destruction: until then it can be cancelled.')))
  }
  if (steps.includes('identity-proved')) section.append(proof(request))
  if (steps.includes('recalled')) section.append(element('p', {}, recall(request)))
  const details = element('details', { open })
  const body = element('div')
  details.append(element('summary', {}, ...both('Ответы и что было', 'replies, and what happened')), body)
  const load = () => more(request, body).catch((error) => say(error.message, 'wrong'))
  if (open) void load()
  else details.addEventListener('toggle', load, { once: true })
  section.append(details)
  return section
}

async function show() {
  try {
    const { requests } = await call('GET', '/v1/me/requests')
    one('#sign-in').hidden = true
    one('#mine').hidden = false
    const none = element('p', {}, ...both('Обращений ещё не было.', 'You have asked nothing yet.'))
    place.replaceChildren(...(requests.length === 0 ? [none] : requests.map((row, at) => card(row, at < 3))))
    const { entities } = await call('GET', '/v1/policy')
    const select = one('[name=entity]')
    if (select.options.length === 1) {
      for (const { id, label } of entities) select.append(element('option', { value: id }, label))
    }
  } catch (error) {
    if (!isSignedOut(error)) throw error
    one('#sign-in').hidden = false
    one('#mine').hidden = true
    place.replaceChildren()
  }
}

// What is asked in words only cannot be asked without any.
const kindOf = () => one('[name=kind]').value
function explain() {
  one('#hint').textContent = WORDS.hints[kindOf()] ?? ''
  one('[name=text]').required = WORDS.worded.includes(kindOf())
}
one('[name=kind]').addEventListener('change', explain)
explain()

// One key for one request: sent twice, it is registered once.
let key = crypto.randomUUID()
onSubmit('#ask', async (given, form) => {
  const entity = String(given.get('entity'))
  const files = given.getAll('files').filter(({ size }) => size > 0)
  const parts = await Promise.all(files.map(partOf))
  const body = {
    kinds: [given.get('kind')],
    text: String(given.get('text')).trim(),
    ...(parts.length === 0 ? {} : { parts }),
  }
  const { requests } = await call('POST', '/v1/me/requests', { ...body, ...(entity === '' ? {} : { entity }) }, key)
  key = crypto.randomUUID()
  form.reset()
  explain()
  say(`Зарегистрировано: № ${requests.map(({ number }) => number).join(', № ')}. Registered.`)
})

begin(show)
