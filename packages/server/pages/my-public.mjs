// What a person has made public and under which bans, by the HTTP interface with their session.
import { begin, call, isSignedOut, one, say } from './my.mjs'
import { chosenFields, element, publicFields } from './page.mjs'

/** Does something at a press of a button, says what went wrong, and shows how it stands. */
async function run(work) {
  try {
    await work()
    await show()
  } catch (error) {
    say(error.message, 'wrong')
    // To open more than was open takes a fresh proof; to close takes none.
    if (error.code === 'proof-needed') one('#prove').hidden = false
  }
}

/** One publication, or one that could be: its consent by itself, then what is public with its bans. */
async function card(publication, company) {
  const { purpose, label, entity, handle, consented, forms, fields } = publication
  const section = element('section', '', { className: 'card' })
  section.append(element('h2', `${label.ru} · ${label.en}`), element('p', company, { className: 'dim' }))
  if (handle !== null) {
    const p = element('p', 'Видно всем · Everybody sees: ')
    p.append(element('a', `/public/${handle}`, { href: `/public/${handle}` }))
    section.append(p)
  }
  if (!consented) {
    const [form] = forms
    if (form === undefined) return section
    const shown = await call('GET', `/v1/forms/${form}`)
    const { document: words } = shown.contract.consents.find((consent) => consent.purpose === purpose)
    const agree = element('button', 'Согласен · I agree', { type: 'button' })
    agree.addEventListener('click', () =>
      run(() => call('POST', '/v1/me/consents', { purpose, entity, form, snapshot: shown.snapshot })),
    )
    section.append(element('p', words.ru), element('p', words.en, { lang: 'en' }), agree)
    return section
  }
  const form = element('form')
  form.append(...publicFields(fields))
  const put = (given) => run(() => call('PUT', `/v1/me/publications/${purpose}`, { entity, fields: given }))
  const save = element('button', 'Сохранить · Save')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void put(chosenFields(form))
  })
  const close = element('button', 'Закрыть всё · Nothing is public', { type: 'button' })
  close.addEventListener('click', () => put({}))
  const withdraw = element('button', 'Отозвать согласие · Withdraw the consent', { type: 'button' })
  withdraw.addEventListener('click', () =>
    run(() => call('DELETE', `/v1/me/consents/${purpose}?entity=${encodeURIComponent(entity)}`)),
  )
  form.append(save, ' ', close, ' ', withdraw)
  section.append(form)
  return section
}

async function show() {
  const { entities } = await call('GET', '/v1/policy')
  const cards = []
  one('#sign-in').hidden = true
  try {
    for (const { id, label } of entities) {
      const { publications } = await call('GET', `/v1/me/publications?entity=${encodeURIComponent(id)}`)
      for (const publication of publications) cards.push(await card(publication, label))
    }
  } catch (error) {
    if (!isSignedOut(error)) throw error
    one('#sign-in').hidden = false
    one('#publications').replaceChildren()
    return
  }
  const none = 'Нет данных, которые политика позволяет открыть. Nothing that the policy lets you open.'
  one('#publications').replaceChildren(...(cards.length === 0 ? [element('p', none)] : cards))
}

begin(show)
