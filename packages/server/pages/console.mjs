// The console's pages of requests: counts the clocks down, and acts by the HTTP interface with the session of whoever is signed in.
import { chosenFields, element, publicFields } from './page.mjs'
import { partOf, problemOf } from './shared.mjs'

const said = document.querySelector('#said')

function say(text, state) {
  said.textContent = text
  said.dataset.state = state
}

async function call(path, body, key, method) {
  const answer = await answerOf(path, body, key, method)
  return answer.status === 204 ? null : answer.json()
}

/** The answer to a call, of whatever type; a problem is thrown in its words. */
async function answerOf(path, body, key, method) {
  const answer = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body == null ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body == null ? {} : { body: JSON.stringify(body) }),
  })
  if (answer.ok) return answer
  throw await problemOf(answer)
}

/** What is left of a clock, in days and hours:minutes:seconds. */
function left(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000)
  const two = (n) => String(n).padStart(2, '0')
  const days = Math.floor(seconds / 86400)
  return `${days} д ${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function tick() {
  const now = Date.now()
  for (const bar of document.querySelectorAll('progress[data-due]')) {
    const [start, due] = [Number(bar.dataset.start), Number(bar.dataset.due)]
    bar.value = due <= start ? 1 : Math.min(1, Math.max(0, (now - start) / (due - start)))
  }
  for (const output of document.querySelectorAll('output.left')) {
    const [due, outer] = [Number(output.dataset.due), Number(output.dataset.outer)]
    output.textContent = now < due ? `осталось ${left(due - now)}` : `план прошёл ${left(now - due)} назад`
    output.dataset.state = now < due ? 'ok' : now < outer ? 'waits' : 'wrong'
    output.classList.add('state')
  }
}
tick()
setInterval(tick, 1000)

async function act(button, path, body) {
  button.disabled = true
  try {
    const password = (await call(path, body))?.password ?? null
    if (password === null) location.reload()
    else
      say(
        `Отправлено. Пароль сообщите не по почте. Sent; tell the password by another way than mail: ${password}`,
        'ok',
      )
  } catch (error) {
    button.disabled = false
    say(error.message, 'wrong')
  }
}

for (const button of document.querySelectorAll('[data-aside]')) {
  button.addEventListener('click', () => act(button, `/v1/mail/aside/${button.dataset.aside}`, null))
}

const NOTHING_PUBLIC =
  'У человека нет данных, которые политика позволяет открыть. Откажите с причиной. There is nothing that the policy lets open: refuse it.'
const NO_CONSENT =
  'Отдельного согласия на распространение нет: без него открыть нельзя. Человек даёт его на странице «Открыто для всех» (/my/public). There is no consent to dissemination: the person gives it at /my/public.'
const card = document.querySelector('[data-request]')
if (card !== null) {
  const { request, letter } = card.dataset
  for (const button of document.querySelectorAll('[data-step]')) {
    button.addEventListener('click', () => act(button, `/v1/requests/${request}/steps`, { step: button.dataset.step }))
  }
  for (const button of document.querySelectorAll('[data-reply]')) {
    button.addEventListener('click', () => {
      const note = document.querySelector('#note')?.value.trim() ?? ''
      const channel = document.querySelector('#attached')?.checked ? { channel: 'attachment' } : {}
      const reply = { kind: button.dataset.reply, ...(note === '' ? {} : { note }), ...channel }
      void act(button, `/v1/requests/${request}/replies`, reply)
    })
  }
  for (const button of document.querySelectorAll('[data-posted]')) {
    button.addEventListener('click', () => act(button, `/v1/replies/${button.dataset.posted}/posted`, null))
  }
  const onSubmit = (id, path, bodyOf) => {
    document.querySelector(id)?.addEventListener('submit', (event) => {
      event.preventDefault()
      void act(event.submitter, path, bodyOf(new FormData(event.target), event.submitter))
    })
  }
  onSubmit('#extend', `/v1/requests/${request}/replies`, (given) => ({
    kind: 'extension',
    reason: given.get('reason'),
    note: given.get('note'),
  }))
  onSubmit('#link', `/v1/letters/${letter}/subject`, (given) => ({ subject: given.get('subject') }))
  onSubmit('#check', `/v1/letters/${letter}/checks`, (given, { value }) => {
    const passed = value === 'true'
    const checkedBy = given.get('checkedBy')
    const bySignature = passed && checkedBy !== ''
    const signed = bySignature && looked !== null ? { signed: { ...looked, demand: given.get('demand') === 'on' } } : {}
    return { method: given.get('method'), passed, ...(bySignature ? { checkedBy } : {}), ...signed }
  })
  document.querySelector('#signature')?.addEventListener('submit', async (event) => {
    event.preventDefault()
    const { submitter } = event
    const { signature, content } = Object.fromEntries(new FormData(event.target))
    const body = { signature, content: content === '' ? null : content }
    const [of] = event.target.elements.content.selectedOptions
    submitter.disabled = true
    lookedAt(null)
    try {
      showSignature(await call(`/v1/letters/${letter}/signature`, body))
      lookedAt(body, of.textContent)
    } catch (error) {
      say(error.message, 'wrong')
    } finally {
      submitter.disabled = false
    }
  })
  onSubmit('#reroute', `/v1/requests/${request}/kinds`, (given) => ({
    kinds: [
      ...given.getAll('kinds'),
      ...[...document.querySelectorAll('#reroute [data-fixed]')].map(({ value }) => value),
    ],
  }))
  document.querySelector('#publishing')?.addEventListener('click', async (event) => {
    event.target.disabled = true
    try {
      const { publications } = await call(`/v1/requests/${request}/publication`)
      document
        .querySelector('#publications')
        .replaceChildren(
          ...(publications.length === 0 ? [element('p', NOTHING_PUBLIC)] : publications.map(publicationForm)),
        )
    } catch (error) {
      event.target.disabled = false
      say(error.message, 'wrong')
    }
  })
  const publicationForm = ({ purpose, label, consented, handle, fields }) => {
    const form = element('form')
    form.append(element('h3', `${label.ru} · ${label.en}`))
    if (handle !== null) {
      const p = element('p', 'Видно всем · Everybody sees: ')
      p.append(element('a', `/public/${handle}`, { href: `/public/${handle}` }))
      form.append(p)
    }
    if (!consented) {
      form.append(element('p', NO_CONSENT))
      return form
    }
    form.append(...publicFields(fields), element('button', 'Опубликовать так · Publish so'))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void act(event.submitter, `/v1/requests/${request}/publication`, { purpose, fields: chosenFields(form) })
    })
    return form
  }
  onSubmit('#correct', `/v1/requests/${request}/correction`, () => ({ values: corrected() }))
  onSubmit('#settle', `/v1/requests/${request}/settings`, () => ({ settings: settings() }))
  document.querySelector('#more-settings')?.addEventListener('click', (event) => {
    const one = document.querySelector('.setting').cloneNode(true)
    for (const box of one.querySelectorAll('input')) box.checked = false
    event.target.before(one)
  })
  onSubmit('#refuse', `/v1/requests/${request}/steps`, (given) => ({ step: 'rejected', reason: given.get('reason') }))
  document.querySelector('#read').addEventListener('click', async (event) => {
    event.target.disabled = true
    try {
      show(await call(`/v1/letters/${letter}`), letter)
    } catch (error) {
      say(error.message, 'wrong')
    }
  })
}

/** The parts whose signature was checked last on this page: the word on it is about these. */
let looked = null
function lookedAt(parts, name = '') {
  looked = parts
  const demand = document.querySelector('#demand')
  demand.hidden = parts === null
  demand.querySelector('input').checked = false
  demand.querySelector('b').textContent = name
}

const UNCOMPARED = {
  'no-fields': 'политика не называет, с чем сравнивать. The policy names nothing to compare with',
  nobody: 'не указано, о ком письмо. It is about nobody yet',
  'nothing-held': 'этих данных о человеке нет. Nothing is held of them to compare with',
  refused: 'политика не разрешает вам сравнить. The policy refuses it to you',
}
const COMPARED = { surname: 'фамилия', givenNames: 'имя и отчество', inn: 'ИНН', snils: 'СНИЛС' }
const VERDICTS = {
  matches: [
    'Подпись сходится с подписанным: дайджест и подпись вычислены здесь. It goes with what was signed; computed here.',
    'ok',
  ],
  form: [
    'Форма верна; дайджест и подпись по ГОСТ здесь не вычислялись. Right in form; GOST is not computed here.',
    'waits',
  ],
  wrong: [
    'Не сходится с подписанным, вне срока сертификата или алгоритм неизвестен. It does not go with what was signed, or with the certificate’s term, or its algorithm is unknown.',
    'wrong',
  ],
}

/** What a signature says of its signers, as text. Whether it is a qualified one it does not tell. */
function showSignature({ verdict, signers, uncompared, passed }) {
  const [words, state] = VERDICTS[verdict]
  const place = document.querySelector('#signers')
  place.replaceChildren()
  const line = (text) => {
    const p = document.createElement('p')
    p.textContent = text
    place.append(p)
    return p
  }
  const warn = (place, how) => {
    place.className = 'state'
    place.dataset.state = how
  }
  warn(line(words), state)
  const day = (at) => (at === null ? 'не сказано' : new Date(at).toLocaleDateString('ru'))
  const named = (names) =>
    Object.entries(names)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')
  for (const one of signers) {
    line(`Подписал: ${named(one.subject)}`)
    line(`Издатель: ${named(one.issuer)}, № ${one.serial}, действует ${day(one.notBefore)} — ${day(one.notAfter)}`)
    line(
      `Время подписи, по словам подписавшего: ${day(one.signedAt)}; ${one.signature}, ${one.digest}${one.cades === false ? '' : ', CAdES-BES'}`,
    )
    if (one.early)
      warn(
        line(
          'Подписано больше чем за 30 дней до получения: возможно, не для этого письма. Signed more than 30 days before it came: perhaps for something else.',
        ),
        'waits',
      )
    const compared = Object.entries(one.compared).filter(([, how]) => how !== null)
    const against = line(
      compared.length === 0
        ? `С данными человека не сравнивалось: ${UNCOMPARED[uncompared] ?? 'в сертификате нет имён. The certificate names none'}.`
        : `С данными человека: ${compared.map(([name, how]) => `${COMPARED[name]} ${how === 'match' ? '✓ совпадает' : '✗ расходится'}`).join(', ')}`,
    )
    if (compared.some(([, how]) => how === 'mismatch')) warn(against, 'wrong')
  }
  if (!passed) warn(line('Подтвердить по этой подписи нельзя. Nothing can be proved by this signature.'), 'wrong')
  line(
    'Квалифицированная ли подпись, здесь не видно: сертификат проверяют в удостоверяющем центре или на Госуслугах, и это отмечают выше. Whether it is a qualified one is not seen here: the certificate is checked elsewhere, and that is said above.',
  )
}

/** What staff filled in of a person's fields: these alone are changed. */
function corrected() {
  const given = [...document.querySelectorAll('#correct [data-field]')]
  return Object.fromEntries(
    given.filter(({ value }) => value.trim() !== '').map(({ dataset, value }) => [dataset.field, value.trim()]),
  )
}

function settings() {
  return [...document.querySelectorAll('.setting')].map((one) => ({
    field: one.querySelector('select').value,
    closedTo: [...one.querySelectorAll('input:checked')].map(({ value }) => value),
  }))
}

const REMARKS = {
  unreadable: 'разобрать не удалось, сообщение приложено как пришло',
  'too-large': 'слишком большое: вложения не взяты, целиком оно лежит в почтовом ящике',
  'parts-left': 'не все вложения показаны, остальные в message.eml',
  'text-cut': 'текст показан не весь, остальное в message.eml',
  page: 'пришло веб-страницей, показан только текст',
  'other-address': 'ссылается на чужое письмо: пришло с другого адреса',
}

/** What a letter says, as text alone: nothing in it becomes markup. */
function show({ content, additions }, letter) {
  const place = document.querySelector('#letter')
  place.hidden = false
  if (content === null) {
    place.textContent = 'Срок хранения письма истёк. Its term of keeping is over.'
    return
  }
  const line = (name, text) => {
    if (text === '') return
    const p = document.createElement('p')
    const b = document.createElement('b')
    b.textContent = `${name}: `
    p.append(b, text)
    place.append(p)
  }
  place.replaceChildren()
  const { name, address, email, phone } = content.sender
  line('От кого', [name, address, email, phone].filter(Boolean).join(', '))
  line('Тема', content.heading)
  line('Пометки', content.marks.join('; '))
  line('Кто принёс', content.broughtBy)
  const rest = ({ text, parts, mail }, own) => {
    if (mail) {
      line('О сообщении', mail.remarks.map((one) => REMARKS[one] ?? one).join('; '))
      line('Отвечает на письмо №', mail.answers ?? '')
      line('Почтовый сервер об отправителе (подсказка, не доказательство)', mail.authentication ?? '')
    }
    const pre = document.createElement('pre')
    pre.textContent = text
    place.append(pre)
    for (const part of parts) {
      const a = document.createElement('a')
      a.href = `/v1/letters/${letter}/parts/${part.id}`
      a.download = part.name
      a.textContent = `${part.name} (${part.bytes} Б)`
      place.append(a, document.createElement('br'))
      // What was signed is of the letter itself; a signature may come later.
      const offered = own ? '#signature [name=signature], #signature [name=content]' : '#signature [name=signature]'
      for (const select of document.querySelectorAll(offered)) {
        const option = new Option(part.name, part.id)
        option.dataset.part = ''
        select.append(option)
      }
    }
  }
  for (const option of document.querySelectorAll('#signature option[data-part]')) option.remove()
  rest(content, true)
  for (const addition of additions) {
    const h = document.createElement('h2')
    h.textContent = `Дополнение с того же адреса, ${new Date(addition.receivedAt).toLocaleString('ru')}`
    place.append(h)
    line('Тема', addition.heading)
    rest(addition, false)
  }
  const signature = document.querySelector('#signature')
  if (signature !== null) signature.hidden = signature.querySelector('[name=signature]').options.length === 0
}

// Lost mailboxes: what was written down last, for the code that comes back from it.
let mailbox = null
function awaitCode(subject, on, code) {
  mailbox = { subject, on, code }
  document.querySelector('#mailbox-code').hidden = false
  say('Код отправлен на новый адрес. A code was sent to the new mailbox.', 'ok')
}
document.querySelector('#mailbox')?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { subject, ...body } = Object.fromEntries(new FormData(event.target))
  const { entity, ticket } = body
  try {
    const { code } = await call(`/v1/people/${subject}/mailbox`, body)
    awaitCode(subject, { entity, ticket }, code)
    event.target.reset()
  } catch (error) {
    say(error.message, 'wrong')
  }
})
document.querySelector('#mailbox-code')?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { subject, on, code } = mailbox
  const typed = String(new FormData(event.target).get('code')).trim()
  void act(event.submitter, `/v1/people/${subject}/mailbox/codes/${code.id}`, { ...on, code: typed })
})
for (const button of document.querySelectorAll('[data-mailbox-act]')) {
  button.addEventListener('click', async () => {
    const waiting = button.closest('[data-mailbox]')
    const { mailbox: subject, change, entity } = waiting.dataset
    const on = { entity, ticket: waiting.querySelector('[name=ticket]').value.trim() }
    const path = `/v1/people/${subject}/mailbox/${button.dataset.mailboxAct}`
    if (button.dataset.mailboxAct === 'confirmation') {
      return act(button, path, { ...on, change, email: waiting.querySelector('[name=email]').value.trim() })
    }
    if (button.dataset.mailboxAct !== 'codes') return act(button, path, on)
    try {
      awaitCode(subject, on, await call(path, on))
    } catch (error) {
      say(error.message, 'wrong')
    }
  })
}

// A demand's letter is read like any other.
const demanded = document.querySelector('[data-letter]:not([data-request])')
document.querySelector('[data-letter]:not([data-request]) #read')?.addEventListener('click', async (event) => {
  event.target.disabled = true
  try {
    show(await call(`/v1/letters/${demanded.dataset.letter}`), demanded.dataset.letter)
  } catch (error) {
    say(error.message, 'wrong')
  }
})

// Forms that say themselves what they send: a field of a select may name two members, parted by a space.
for (const posted of document.querySelectorAll('form[data-post]')) {
  const key = crypto.randomUUID()
  posted.addEventListener('submit', async (event) => {
    event.preventDefault()
    event.submitter.disabled = true
    try {
      const answer = await call(posted.dataset.post, await bodyOf(posted), key)
      if (answer.file === undefined) location.href = posted.dataset.then ?? location.href
      else give(answer)
    } catch (error) {
      event.submitter.disabled = false
      say(error.message, 'wrong')
    }
  })
}

async function bodyOf(posted) {
  const body = {}
  for (const field of posted.elements) {
    const { name, dataset } = field
    const value = String(field.value ?? '').trim()
    if (name === '') continue
    if (field.type === 'file') {
      const parts = await Promise.all([...field.files].map(partOf))
      if (parts.length > 0) body[name] = parts
    } else if (name.includes(' ')) {
      const [one, two] = name.split(' ')
      const [first, second = ''] = value.split(' ')
      Object.assign(body, { [one]: first, [two]: second === '' ? null : second })
    } else if (dataset.list !== undefined) {
      body[name] = value === '' ? [] : value.split(',').map((item) => item.trim())
    } else if (dataset.null !== undefined) body[name] = null
    else if (value !== '' || dataset.kept !== undefined) body[name] = value
  }
  return body
}

/** What is given once: the file, and the password to be told by another way. */
function give({ file, name, password }) {
  const place = document.querySelector('#given')
  const a = document.createElement('a')
  const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0))
  a.href = URL.createObjectURL(new Blob([bytes]))
  a.download = name
  a.textContent = `Сохранить ${name} · Save the file`
  const p = document.createElement('p')
  p.textContent = 'Файл выдаётся один раз и нигде не хранится. It is given once and kept nowhere.'
  place.replaceChildren(p, a)
  if (password !== null) {
    const word = document.createElement('p')
    word.textContent = `Пароль сообщите другим способом, чем передаёте файл. Tell the password by another way: ${password}`
    place.append(word)
  }
  place.hidden = false
  say('Ответ готов. The answer is made.', 'ok')
}

const form = document.querySelector('#letter-form')
if (form !== null) {
  // One key for one letter: sent twice, it is registered once.
  const key = crypto.randomUUID()
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    event.submitter.disabled = true
    const given = new FormData(form)
    const field = (name) => String(given.get(name) ?? '').trim()
    const sender = Object.fromEntries(['name', 'address', 'email'].map((name) => [name, field(name)]))
    const parts = await Promise.all(
      given
        .getAll('scan')
        .filter(({ size }) => size > 0)
        .map(partOf),
    )
    const received = field('receivedAt')
    const kinds = given.getAll('kinds')
    try {
      const { letter, requests } = await call(
        '/v1/letters',
        {
          channel: field('channel'),
          text: field('text'),
          sender,
          broughtBy: field('broughtBy'),
          marks: field('marks') === '' ? [] : [field('marks')],
          ...(received === '' ? {} : { receivedAt: new Date(received).getTime() }),
          ...(kinds.length === 0 ? {} : { kinds }),
          ...(parts.length === 0 ? {} : { parts }),
        },
        key,
      )
      stamp(letter, requests)
    } catch (error) {
      event.submitter.disabled = false
      say(error.message, 'wrong')
    }
  })
}

/** What is stamped on the paper: number and day of receipt, large and to be printed; then on to each request. */
function stamp({ number, receivedAt }, requests) {
  const place = document.querySelector('#stamp')
  place.querySelector('strong').textContent = `Вх. № ${number}`
  const day = new Date(receivedAt).toLocaleDateString('ru', { timeZone: place.dataset.zone })
  place.querySelector('.day').textContent = `от ${day}`
  place.querySelector('ul').replaceChildren(
    ...requests.map((request) => {
      const item = document.createElement('li')
      const a = document.createElement('a')
      a.href = `/console/requests/${request.id}`
      a.textContent = `Обращение № ${request.number}`
      item.append(a)
      return item
    }),
  )
  form.hidden = true
  place.hidden = false
  place.querySelector('button').addEventListener('click', () => print())
}

// What is looked for in the register goes into the address: numbers, days and ids, nothing of anybody.
document.querySelector('#register')?.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = [...new FormData(event.target)].filter(([, value]) => String(value).trim() !== '')
  location.href = `/console/requests?${new URLSearchParams(given.length === 0 ? { state: 'all' } : given)}`
})

// The pages of incidents.
const incident = document.querySelector('[data-incident]')?.dataset.incident
const moment = (text) => new Date(text).getTime()

/** What of a form was filled in; days are moments of this computer's clock, lists of words what stands between spaces. */
function filled(form) {
  const body = {}
  for (const element of form.elements) {
    const { name, type, value } = element
    if (name === '' || value === '') continue
    if (type === 'datetime-local') body[name] = moment(value)
    else if (type === 'select-multiple') body[name] = [...element.selectedOptions].map((option) => option.value)
    else if (name === 'credentials' || name === 'staff') body[name] = value.trim().split(/\s+/)
    else body[name] = value
  }
  return body
}

function onForm(selector, work, read = filled) {
  for (const form of document.querySelectorAll(selector)) {
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      event.submitter.disabled = true
      try {
        await work(read(form))
      } catch (error) {
        event.submitter.disabled = false
        say(error.message, 'wrong')
        // What is wrong may stand in another form of the page.
        document.querySelector(`[name="${CSS.escape(error.field ?? '')}"]`)?.focus()
      }
    })
  }
}

onForm('#incident-new', async (given) => {
  location.href = `/console/incidents/${(await call('/v1/incidents', given)).id}`
})
if (incident !== undefined) {
  const at = `/v1/incidents/${incident}`
  const then = (work) => async (given) => {
    await work(given)
    location.reload()
  }
  // What was written and not saved yet belongs to the step.
  const written = () => filled(document.querySelector('#incident-words'))
  onForm(
    '.incident-step',
    then((given) => call(`${at}/steps`, { ...written(), ...given })),
  )
  onForm(
    '#incident-words',
    then((given) => call(at, given, undefined, 'PATCH')),
  )
  onForm(
    '#incident-scope',
    then((given) => call(`${at}/scope`, given)),
  )
  onForm(
    '#incident-telling',
    then((message) => call(`${at}/telling`, { message })),
  )
  for (const button of document.querySelectorAll('[data-draft]')) {
    button.addEventListener('click', () => act(button, `${at}/documents`, { kind: button.dataset.draft }))
  }
}

// The pages of the operator's own duties.
const duty = document.querySelector('[data-duty]')?.dataset.duty

/** A form of a duty as its step takes it: days begin at midnight of this computer, what is ticked is a list or yes and no. */
function stepOf(form) {
  const body = {}
  for (const element of form.elements) {
    const { name, type, value, checked } = element
    if (name === '') continue
    if (name === 'covers') body.covers = [...(body.covers ?? []), ...(checked ? [value] : [])]
    else if (name.startsWith('criterion:')) {
      if (value !== '') body.criteria = [...(body.criteria ?? []), { id: name.slice(10), met: value === 'true' }]
    } else if (value === '') continue
    else if (type === 'date') body[name] = moment(`${value}T00:00`)
    else if (type === 'datetime-local') body[name] = moment(value)
    else if (name === 'adequate') body[name] = value === 'true'
    else body[name] = value
  }
  return body
}

const onDutyForm = (selector, work) => onForm(selector, work, stepOf)

onDutyForm('#duty-new', async (given) => {
  location.href = `/console/duties/${(await call('/v1/duties', given)).id}`
})
if (duty !== undefined) {
  const at = `/v1/duties/${duty}`
  onDutyForm('.duty-step', async (given) => {
    // What was written and not saved yet belongs to the step.
    await call(`${at}/steps`, { ...stepOf(document.querySelector('#duty-words')), ...given })
    location.reload()
  })
  onDutyForm('#duty-words', async (given) => {
    await call(at, given, undefined, 'PATCH')
    location.reload()
  })
  document
    .querySelector('#duty-draft')
    ?.addEventListener('click', (event) => act(event.target, `${at}/documents`, null))
}

onForm(
  '#archive',
  async (period) => {
    say('Создаётся… Being made…', 'waits')
    const answer = await answerOf('/v1/archives', period)
    const a = document.createElement('a')
    a.href = URL.createObjectURL(await answer.blob())
    a.download = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'archive.zip'
    a.click()
    say('Архив создан и записан в журнал. It is made, and entered in the ledger.', 'ok')
    document.querySelector('#archive button').disabled = false
  },
  (form) => Object.fromEntries(new FormData(form)),
)

// Who may have written: what was told goes in the body, never in the address, and who is found is shown as text.
const people = document.querySelector('#people')
if (people !== null) people.querySelector('button').disabled = false
people?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { target: form, submitter } = event
  const list = document.querySelector('#candidates')
  const told = [...form.querySelectorAll('[data-beside]')].filter(({ value }) => value.trim() !== '')
  const { surname, purpose, entity, ticket } = Object.fromEntries(new FormData(form))
  const beside = Object.fromEntries(told.map(({ dataset, value }) => [dataset.beside, value]))
  list.replaceChildren()
  if (told.length === 0) return say('Назовите что-нибудь кроме фамилии. Say something beside the surname.', 'wrong')
  submitter.disabled = true
  try {
    const { candidates, tooMany } = await call('/v1/search/surname', { surname, beside, purpose, entity, ticket })
    if (tooMany) say('Таких больше двадцати: назовите ещё что-нибудь. More than twenty: say something more.', 'waits')
    else if (candidates.length === 0) say('Никто не найден. Nobody was found.', 'waits')
    else say(`Найдено: ${candidates.length}. Found.`, 'ok')
    for (const { subject, shown } of candidates) {
      const item = document.createElement('li')
      item.className = 'card'
      const id = document.createElement('code')
      id.textContent = subject
      const words = document.createElement('p')
      words.textContent = Object.values(shown).join(' · ')
      item.append(words, id)
      list.append(item)
    }
  } catch (error) {
    say(error.message, 'wrong')
  } finally {
    submitter.disabled = false
  }
})
// Who stands in for the officer.
onForm('#deputy-new', async (given) => {
  // One member of staff, where an incident's form takes several.
  await call('/v1/deputies', { ...given, staff: given.staff[0] })
  location.reload()
})
for (const button of document.querySelectorAll('[data-deputy]')) {
  button.addEventListener('click', () => act(button, `/v1/deputies/${button.dataset.deputy}`, null))
}
for (const button of document.querySelectorAll('[data-acting]')) {
  button.addEventListener('click', () =>
    act(button, '/v1/deputies/acting', { acting: button.dataset.acting === 'true' }),
  )
}
