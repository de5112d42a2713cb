// How a person signs in and proves that it is them: passkeys and the code to the phone, by the HTTP interface with their session.
import {
  begin,
  button,
  call,
  create,
  isSignedOut,
  one,
  onPress,
  onSubmit,
  proveByPasskey,
  say,
  told,
  when,
} from './my.mjs'

const METHODS = {
  'phone-code': 'код на телефон · code to the phone',
  passkey: 'ключ входа · passkey',
  oidc: 'внешний сервис · identity provider',
}

function line(text, ...buttons) {
  const item = document.createElement('li')
  item.append(text, ...buttons.flatMap((button) => [' ', button]))
  return item
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
    if (!isSignedOut(error)) throw error
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

onPress('#step', async () => told(await proveByPasskey()))
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
begin(show)
