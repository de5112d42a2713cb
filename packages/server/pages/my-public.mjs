// What a person has made public and under which bans, by the HTTP interface with their session.
const one = (selector) => document.querySelector(selector)
const BANS = {
  transfer: 'запретить передавать другим · not to be passed on',
  processing: 'запретить любую обработку, кроме просмотра · nothing but looking',
  promotion: 'запретить использовать для рекламы и торговли · no advertising or trade',
  indexing: 'запретить включать в поисковые системы · not in search engines',
}

function say(text, state = 'ok') {
  one('#said').textContent = text
  one('#said').dataset.state = state
}

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const given = answer.status === 204 ? null : await answer.json()
  if (!answer.ok) throw Object.assign(new Error(given.detail ?? given.title), { code: given.code })
  return given
}

function element(name, text = '', more = {}) {
  const made = Object.assign(document.createElement(name), more)
  made.append(text)
  return made
}

function box(words, name, value, checked) {
  const label = element('label', '', { className: 'choice' })
  label.append(element('input', '', { type: 'checkbox', name, value, checked }), ` ${words}`)
  return label
}

/** Does something at a press of a button, says what went wrong, and shows how it stands. */
async function run(work) {
  try {
    await work()
    await show()
  } catch (error) {
    say(error.message, 'wrong')
  }
}

function chosen(form) {
  const fields = {}
  for (const { value } of form.querySelectorAll('[name=field]:checked')) {
    fields[value] = [...form.querySelectorAll('[name="ban"]:checked')]
      .filter((ban) => ban.value.split(' ')[0] === value)
      .map((ban) => ban.value.split(' ')[1])
  }
  return fields
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
  for (const field of fields) {
    const set = element('fieldset')
    set.append(box(`${field.label.ru} · ${field.label.en}`, 'field', field.field, field.public))
    for (const [ban, words] of Object.entries(BANS)) {
      set.append(box(words, 'ban', `${field.field} ${ban}`, field.bans.includes(ban)))
    }
    form.append(set)
  }
  const put = (given) => run(() => call('PUT', `/v1/me/publications/${purpose}`, { entity, fields: given }))
  const save = element('button', 'Сохранить · Save')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void put(chosen(form))
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
  try {
    for (const { id, label } of entities) {
      const { publications } = await call('GET', `/v1/me/publications?entity=${encodeURIComponent(id)}`)
      for (const publication of publications) cards.push(await card(publication, label))
    }
  } catch (error) {
    if (error.code !== 'unauthenticated' && error.code !== 'forbidden') throw error
    one('#sign-in').hidden = false
    one('#publications').replaceChildren()
    return
  }
  const none = 'Нет данных, которые политика позволяет открыть. Nothing that the policy lets you open.'
  one('#publications').replaceChildren(...(cards.length === 0 ? [element('p', none)] : cards))
}

show().catch((error) => say(error.message, 'wrong'))
