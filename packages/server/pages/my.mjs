// What the pages of a person have in common: calls with their session, signing in, and what a press of a button does.
import { problemOf } from './shared.mjs'

export const one = (selector) => document.querySelector(selector)

export function say(text, state = 'ok') {
  one('#said').textContent = text
  one('#said').dataset.state = state
}

export async function call(method, path, body, key) {
  const answer = await fetch(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw await problemOf(answer)
  return answer.status === 204 ? null : answer.json()
}

/** True where somebody is to sign in first. */
export const isSignedOut = ({ code }) => code === 'unauthenticated' || code === 'forbidden'

export const when = (at) => new Date(at).toLocaleString('ru', { dateStyle: 'medium', timeStyle: 'short' })

export function element(name, more = {}, ...inside) {
  const made = Object.assign(document.createElement(name), more)
  made.append(...inside)
  return made
}

/** Russian with English after it. */
export const both = (ru, en) => [ru, ' ', element('span', { lang: 'en' }, en)]

/** How the page shows how things stand; each page says its own. */
let show = () => Promise.resolve()

/** Begins a page: shows how things stand, now and after each act. */
export function begin(showing) {
  show = showing
  show().catch((error) => say(error.message, 'wrong'))
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

export function button(words, work) {
  const made = element('button', { type: 'button' }, words)
  made.addEventListener('click', () => run(made, work))
  return made
}

export const onPress = (selector, work) =>
  one(selector)?.addEventListener('click', ({ target }) => run(target, () => work()))
export const onSubmit = (selector, work) =>
  one(selector)?.addEventListener('submit', (event) => {
    event.preventDefault()
    void run(event.submitter ?? event.target.querySelector('button'), () =>
      work(new FormData(event.target), event.target),
    )
  })

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
const withBytes = (list = []) => list.map((item) => ({ ...item, id: toBytes(item.id) }))

/** Has the browser make a key, and says what it made as JSON. */
export async function create(options) {
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

/** Proves once more, by a passkey, that it is who is signed in; says whether it counts yet. */
export async function proveByPasskey() {
  const { id, options } = await call('POST', '/v1/me/passkeys/challenge', { act: 'step' })
  return call('POST', '/v1/me/proofs/passkey', { id, response: await sign(options) })
}

export function told({ counts }) {
  if (counts) say('Подтверждено: это вы. Proved: it is you.')
  else say('Проверено, но добавлено недавно: пока не считается. It is right, but too new to count yet.', 'waits')
}

let signIn = null
onSubmit('#by-code', async (given, form) => {
  const typed = String(given.get('typed')).trim()
  if (signIn === null) {
    signIn = await call('POST', '/v1/sign-in', { email: typed })
    say('Код отправлен: введите его. A code was sent: type it.')
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
onPress('#leave', async () => {
  await call('DELETE', '/v1/session')
  say('Вы вышли. You are signed out.')
})
