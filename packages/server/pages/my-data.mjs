// What is held of a person, on which grounds, and what they can end at once, by the HTTP interface with their session.
import { begin, both, button, call, element, isSignedOut, one, onPress, say, when } from './my.mjs'

const place = one('#data')
const zone = place.dataset.zone
const WORDS = JSON.parse(place.dataset.words)
const dayOf = (at) => new Date(at).toLocaleDateString('ru', { timeZone: zone })

let policy = null
/** What was asked for last; null until the person asks: each look stands in their history. */
let shown = null

const labelled = (list) => (id) => list.find((one) => one.id === id)?.label ?? id

/** Corrects one value; a new mailbox is proved by the code that went to it. */
async function correct(entity, field, value) {
  const { signIn } = await call('PATCH', '/v1/me/values', { entity, values: { [field]: value } })
  if (signIn !== null) {
    const code = prompt('Код из письма на новый адрес · The code from the letter to the new mailbox')
    if (code) await call('POST', `/v1/sign-in/${signIn.id}`, { code: code.trim() })
  }
  say('Исправлено. Corrected.')
  await look()
}

function valueLine(entity, field, value) {
  const item = element(
    'li',
    {},
    `${labelled(policy.fields)(field)}: ${Array.isArray(value) ? value.join(', ') : value}`,
  )
  // Evidence of consents is a record, and nothing to correct by hand.
  if (typeof value !== 'string') return item
  const details = element('details')
  const label = labelled(policy.fields)(field)
  const input = element('input', { value, ariaLabel: label })
  const save = button('Сохранить · Save', () => correct(entity, field, input.value))
  details.append(element('summary', {}, ...both('Исправить', 'correct')), input, ' ', save)
  item.append(details)
  return item
}

function consentLine({ purpose, entity, since }) {
  const at = `entity=${encodeURIComponent(entity)}`
  const receipt = { href: `/v1/me/consents/${purpose}/receipt?${at}`, download: `${purpose}.json` }
  return element(
    'li',
    {},
    `${labelled(policy.purposes)(purpose)}, ${labelled(policy.entities)(entity)}, с ${dayOf(since)} `,
    element('a', receipt, 'квитанция · receipt'),
    ' ',
    button('Отозвать · Withdraw', async () => {
      await call('DELETE', `/v1/me/consents/${purpose}?${at}`)
      say('Согласие отозвано, действует сразу. The consent is withdrawn, at once.')
      await look()
    }),
  )
}

function keptLine({ compartment, article, inForce, lastDay }) {
  const until = lastDay === null ? '' : `, до ${lastDay.split('-').reverse().join('.')}`
  const why = inForce ? 'пока действует договор или согласие' : (article.ru ?? '')
  return element('li', {}, `${labelled(policy.compartments)(compartment)}: ${why}${until}`)
}

/** A list under a heading, or the word that there is nothing. */
function list(ru, en, lines, ...more) {
  const section = element(
    'section',
    { className: 'card' },
    element('h2', {}, ru, ' ', element('small', { lang: 'en' }, en)),
  )
  section.append(lines.length === 0 ? element('p', {}, ...both('Ничего нет.', 'None.')) : element('ul', {}, ...lines))
  section.append(...more)
  return section
}

async function look() {
  const entity = one('[name=entity]').value
  shown = { entity, mine: await call('GET', `/v1/me?entity=${encodeURIComponent(entity)}`) }
}

function render({ entity, mine }) {
  const { facts, values, kept, reviewDue } = mine
  const held = Object.entries(values).filter(([, value]) => value !== null)
  const right = button('Всё верно · All of it is right', async () => {
    await call('POST', '/v1/me/review', { entity })
    say('Записано: данные верны. Noted.')
    await look()
  })
  one('#shown').replaceChildren(
    list(
      'Что у нас есть',
      'What we hold',
      held.map(([field, value]) => valueLine(entity, field, value)),
      ...(reviewDue ? [right] : []),
    ),
    list('Мои согласия', 'My consents', facts.consents.map(consentLine)),
    list('Что хранится и почему', 'What is kept, and why', kept.map(keptLine)),
    ...(facts.blocked === null
      ? []
      : [element('p', {}, ...both(`Данные заблокированы с ${dayOf(facts.blocked.since)}.`, 'The data are blocked.'))]),
  )
  waitingHere(facts.erasure ?? null)
}

/** A destruction that was asked for without a request: its day, and how it is cancelled. */
function waitingHere(erasure) {
  if (erasure === null) return
  const cancel = button('Отменить уничтожение · Cancel the destruction', async () => {
    await call('POST', '/v1/me/cancel-destruction', { entity: erasure.entity })
    say('Уничтожение отменено. The destruction is cancelled.')
    await look()
  })
  one('#shown').prepend(
    element(
      'section',
      { className: 'card refuse' },
      element('p', {}, `Данные будут уничтожены ${when(erasure.due)}.`),
      cancel,
    ),
  )
}

/** What waits of the person's requests to destroy: shown without a look at the data. */
function waitingRequests(requests) {
  const waiting = requests.filter(({ kind, steps }) => kind === 'erasure' && steps.includes('recalled'))
  one('#waiting').replaceChildren(
    ...waiting.map(({ id, number, until }) =>
      element(
        'section',
        { className: 'card refuse' },
        element(
          'p',
          {},
          `Обращение № ${number}: просят уничтожить данные${until === null ? '' : `, день ${when(until)}`}. `,
          element('a', { href: '/my/requests' }, 'Подробнее · more'),
        ),
        button('Отменить уничтожение · Cancel the destruction', async () => {
          await call('POST', `/v1/me/requests/${id}/recall`)
          say('Уничтожение отменено. The destruction is cancelled.')
        }),
      ),
    ),
  )
}

function representatives(rows, entity) {
  one('#representatives').hidden = rows.length === 0
  one('#representatives ul').replaceChildren(
    ...rows.map(({ representative, kind, state, since }) =>
      element(
        'li',
        {},
        `${WORDS.representatives[kind] ?? kind}, ${state === 'waiting' ? 'ждёт второго сотрудника' : 'действует'}, с ${dayOf(since)} `,
        button('Отказать · Refuse', async () => {
          await call('POST', '/v1/me/end-representative', { entity, representative })
          say('За вас больше не действуют. Nobody acts for you so any more.')
        }),
      ),
    ),
  )
}

async function show() {
  try {
    const { requests } = await call('GET', '/v1/me/requests')
    policy ??= await call('GET', '/v1/policy')
    place.dataset.fieldWords = JSON.stringify(Object.fromEntries(policy.fields.map(({ id, label }) => [id, label])))
    const select = one('[name=entity]')
    if (select.options.length === 0) {
      for (const { id, label } of policy.entities) select.append(element('option', { value: id }, label))
    }
    one('#sign-in').hidden = true
    one('#mine').hidden = false
    waitingRequests(requests)
    representatives((await call('GET', '/v1/me/representatives')).representatives, select.value)
    if (shown !== null) render(shown)
  } catch (error) {
    if (!isSignedOut(error)) throw error
    shown = null
    one('#shown').replaceChildren()
    one('#sign-in').hidden = false
    one('#mine').hidden = true
  }
}

onPress('#look', look)
onPress('#destroy', async () => {
  if (!confirm('Уничтожить всё, чего не требует хранить закон или договор? Destroy all that no law or contract keeps?'))
    return
  const entity = one('[name=entity]').value
  const { waits } = await call('POST', '/v1/me/destroy', { entity, compartments: null })
  say(
    waits === null
      ? 'Данные уничтожены. The data are destroyed.'
      : `День уничтожения: ${when(waits.due)}. До него можно отменить. Код, по которому потом выдадут квитанции: ${waits.claim}. Keep this claim: it gives the receipts afterwards.`,
  )
})

begin(show)
