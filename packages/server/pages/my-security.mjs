// How a person signs in and proves that it is them: passkeys and the code to the phone, by the HTTP interface with their session.
import { call } from './page.mjs'

const one = (selector) => document.querySelector(selector)
const METHODS = {
  'phone-code': 'код на телефон · code to the phone',
  passkey: 'ключ входа · passkey',
  oidc: 'внешний сервис · identity provider',
}

function say(text, state = 'ok') {
  one('#said').textContent = text
  one('#said').dataset.state = state
}

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
const withBytes = (list = []) => list.map((item) => ({ ...item, id: toBytes(item.id) }))

/** Has the browser make a key, and says what it made as JSON. */
async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  })
  return {
    id: made.id,
    rawId: made.id,
    type: made.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  }
}

/** Has the browser sign with a key, and says what it signed as JSON. */
async function sign(options) {
  const made = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  })
  const { clientDataJSON, authenticatorData, signature } = made.response
  return {
    id: made.id,
    rawId: made.id,
    type: made.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
    },
  }
}

const when = (at) => new Date(at).toLocaleString('ru', { dateStyle: 'medium', timeStyle: 'short' })

function line(text, ...buttons) {
  const item = document.createElement('li')
  item.append(text, ...buttons.flatMap((button) => [' ', button]))
  return item
}

function button(words, work) {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = words
  made.addEventListener('click', () => run(made, work))
  return made
}

function describe({ name, addedAt, countsFrom, usedAt }) {
  const used = usedAt === null ? 'не использован · not used' : `использован ${when(usedAt)}`
  const counts = countsFrom > Date.now() ? `; подтверждает, что это вы, с ${when(countsFrom)}` : ''
  return `${name}: добавлен ${when(addedAt)}, ${used}${counts}`
}

let waiting = null
async function show() {
  let mine
  try {
    mine = await call('GET', '/v1/me/security')
  } catch (error) {
    if (error.code !== 'unauthenticated' && error.code !== 'forbidden') throw error
    one('#sign-in').hidden = false
    one('#mine').hidden = true
    return
  }
  one('#sign-in').hidden = true
  one('#mine').hidden = false
  const proofs = mine.proofs.map(({ method, until }) => line(`${METHODS[method] ?? method}, до ${when(until)}`))
  one('#proofs').replaceChildren(...(proofs.length === 0 ? [line('вход · being signed in')] : proofs))
  waiting = (await call('GET', '/v1/me/mailbox')).waiting
  one('#mailbox').hidden = waiting === null
  one('#mailbox-due').textContent =
    waiting === null || waiting.dueAt === null ? 'Ждёт второго сотрудника.' : `Вступит в силу ${when(waiting.dueAt)}.`
  one('#providers').replaceChildren(
    ...mine.providers.flatMap(({ id, label }) => [
      ' ',
      button(`Подтвердить: ${label.ru} · Prove by ${label.en}`, async () => {
        const { url } = await call('POST', '/v1/me/proofs/provider', { provider: id })
        location.assign(url)
      }),
    ]),
  )
  one('#step').hidden = mine.passkeys.length === 0
  one('#keys').replaceChildren(
    ...mine.passkeys.map((key) =>
      line(
        describe(key),
        button('Переименовать · Rename', async () => {
          const name = prompt('Название · Name', key.name)
          if (name) await call('POST', `/v1/me/passkeys/${key.id}/name`, { name })
        }),
        button('Удалить · Remove', async () => {
          await call('DELETE', `/v1/me/passkeys/${key.id}`)
          say('Ключ удалён, остальные входы завершены. The passkey is removed, other sessions are ended.')
        }),
      ),
    ),
  )
}

/** Does something at a press of a button, says what went wrong, and shows how it stands. */
async function run(pressed, work) {
  pressed.disabled = true
  try {
    await work()
    await show()
  } catch (error) {
    say(error.name === 'NotAllowedError' ? 'Отменено. Cancelled.' : error.message, 'wrong')
  } finally {
    pressed.disabled = false
  }
}

const onPress = (selector, work) => one(selector).addEventListener('click', ({ target }) => run(target, work))
const onSubmit = (selector, work) =>
  one(selector).addEventListener('submit', (event) => {
    event.preventDefault()
    void run(event.submitter ?? event.target.querySelector('button'), () =>
      work(new FormData(event.target), event.target),
    )
  })

let signIn = null
onSubmit('#by-code', async (given, form) => {
  const typed = String(given.get('typed')).trim()
  if (signIn === null) {
    signIn = await call('POST', '/v1/sign-in', { email: typed })
    say('Код отправлен. A code was sent.')
  } else {
    await call('POST', `/v1/sign-in/${signIn.id}`, { code: typed })
    signIn = null
    say('')
  }
  form.reset()
})
onPress('#by-passkey', async () => {
  const { id, options } = await call('POST', '/v1/sign-in/passkey')
  await call('POST', '/v1/sign-in/passkey/answer', { id, response: await sign(options) })
  say('Вы вошли ключом. You are signed in.')
})
onPress('#step', async () => {
  const { id, options } = await call('POST', '/v1/me/passkeys/challenge', { act: 'step' })
  told(await call('POST', '/v1/me/proofs/passkey', { id, response: await sign(options) }))
})
onSubmit('#add', async (given, form) => {
  const { id, options } = await call('POST', '/v1/me/passkeys/challenge', { act: 'add' })
  await call('POST', '/v1/me/passkeys', { id, name: String(given.get('name')), response: await create(options) })
  form.reset()
  say('Ключ добавлен. The passkey is added.')
})

onPress('#mailbox-cancel', async () => {
  await call('POST', '/v1/me/mailbox/cancel', { entity: waiting.entity })
  say('Замена отменена. It is cancelled.')
})

let phone = null
onPress('#phone', async () => {
  phone = await call('POST', '/v1/me/proofs/phone')
  one('#phone-code').hidden = false
  say('Код отправлен на телефон из ваших данных. A code was sent to the phone in your data.')
})
onSubmit('#phone-code', async (given, form) => {
  told(await call('POST', `/v1/me/proofs/phone/${phone.id}`, { code: String(given.get('code')).trim() }))
  form.reset()
  form.hidden = true
})
onPress('#end-others', async () => {
  const { ended } = await call('POST', '/v1/me/sessions/end')
  say(`Завершено остальных входов: ${ended}. Other sessions ended.`)
})
onPress('#leave', async () => {
  await call('DELETE', '/v1/session')
  say('Вы вышли. You are signed out.')
})

function told({ counts }) {
  if (counts) say('Подтверждено: это вы. Proved: it is you.')
  else say('Проверено, но добавлено недавно: пока не считается. It is right, but too new to count yet.', 'waits')
}

show().catch((error) => say(error.message, 'wrong'))
