// What several pages' scripts share: elements, and the choice of what is public under which bans.
export function element(name, text = '', more = {}) {
  const made = Object.assign(document.createElement(name), more)
  made.append(text)
  return made
}

const BANS = {
  transfer: 'запретить передавать другим · not to be passed on',
  processing: 'запретить любую обработку, кроме просмотра · nothing but looking',
  promotion: 'запретить использовать для рекламы и торговли · no advertising or trade',
  indexing: 'запретить включать в поисковые системы · not in search engines',
}

function box(words, name, value, checked) {
  const label = element('label', '', { className: 'choice' })
  label.append(element('input', '', { type: 'checkbox', name, value, checked }), ` ${words}`)
  return label
}

/** For each field that could be public: whether it is, and what everybody is forbidden to do with it. */
export function publicFields(fields) {
  return fields.map((field) => {
    const set = element('fieldset')
    set.append(box(`${field.label.ru} · ${field.label.en}`, 'field', field.field, field.public))
    for (const [ban, words] of Object.entries(BANS)) {
      set.append(box(words, 'ban', `${field.field} ${ban}`, field.bans.includes(ban)))
    }
    return set
  })
}

/** What of it is ticked, as the HTTP interface wants it. */
export function chosenFields(form) {
  const fields = {}
  for (const { value } of form.querySelectorAll('[name=field]:checked')) {
    fields[value] = [...form.querySelectorAll('[name="ban"]:checked')]
      .filter((ban) => ban.value.split(' ')[0] === value)
      .map((ban) => ban.value.split(' ')[1])
  }
  return fields
}
