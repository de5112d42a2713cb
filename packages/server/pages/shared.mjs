// What the scripts of all pages share. What went wrong is said in the words of whoever reads the page: by the problem's code, and of a field by the label that it has here.
const SAID = {
  'malformed-json': 'Отправленное не разобрать. Обновите страницу и попробуйте ещё раз',
  'body-too-large': 'Слишком много данных за один раз: уменьшите файлы или текст',
  'unsupported-media-type': 'Отправленное не разобрать. Обновите страницу и попробуйте ещё раз',
  'invalid-request': 'Заполнено неверно или не заполнено',
  'invalid-value': 'Значение не подходит по виду',
  'undeclared-field': 'Такого поля в форме нет, его не собирают',
  'missing-field': 'Нужно заполнить',
  'card-number': 'Номер банковской карты сюда вводить нельзя',
  'unknown-purpose': 'Политика не знает такой цели',
  'unknown-field': 'Политика не знает такого поля',
  'unknown-entity': 'Политика не знает такого юридического лица',
  'unknown-form': 'Политика не знает такой формы',
  'snapshot-invalid': 'Форма показана не этим сервером. Обновите страницу',
  'snapshot-outdated': 'Форма изменилась, пока вы её заполняли. Обновите страницу и проверьте ещё раз',
  'unknown-rule': 'Закон не знает такого срока',
  'campaign-ended': 'Сбор по этой форме закончен',
  'idempotency-conflict': 'Это уже отправлено, но с другим содержанием. Обновите страницу',
  'not-found': 'Такого нет: проверьте номер или обновите страницу',
  'not-in-policy': 'Действующая политика этого не предусматривает',
  conflict: 'Так сделать нельзя: это уже сделано, рано или положение изменилось. Обновите страницу',
  unauthenticated: 'Вход истёк: войдите снова',
  forbidden: 'У этого входа нет права на такое действие',
  'code-invalid': 'Код неверен, использован или устарел',
  'proof-needed': 'Нужно ещё раз подтвердить, что это вы: кодом на телефон или ключом входа',
  'rate-limited': 'Слишком часто: попробуйте позже',
  'reach-exceeded': 'На этот час число людей исчерпано',
  refused: 'Политика отказывает',
  'policy-invalid': 'Политика не проходит проверку',
  'policy-absent': 'Политика не загружена: отказано во всём',
  'calendar-unknown': 'Нет производственного календаря на год, в который попадает срок',
  'restore-pending': 'Данные восстанавливаются из копии: пока отказано во всём',
  'storage-unavailable': 'База данных не ответила, ничего не сделано. Попробуйте позже',
  'kms-unavailable': 'Служба ключей не ответила, ничего не сделано. Попробуйте позже',
  'channel-absent': 'Такого способа связи у оператора здесь нет',
  'ledger-backlog': 'Журнал не успевает за записями: попробуйте позже',
}

/** Where a form names a field otherwise than the interface does, and fields that have no input of their own. */
const FIELDS = {
  receivedAt: 'Получено',
  text: 'Что написано',
  kinds: 'Чего просят',
  parts: 'Файлы',
  subject: 'О ком письмо',
  entity: 'Юридическое лицо',
  channel: 'Как пришло',
  ticket: 'Номер обращения или задачи',
  reason: 'Основание',
  note: 'Подробнее',
  values: 'Данные',
}

/** The label of an input by that name, in Russian: its text up to where the English or the input begins. */
function labelOf(name) {
  for (const input of document.getElementsByName(name)) {
    const label = input.closest('label')
    for (const node of label?.childNodes ?? []) {
      if (node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '') return node.textContent.trim()
    }
  }
  return null
}

/** A field of the request in words: the nearest part of its path that has a label on this page, or a name that we know. */
function fieldWords(path) {
  const names = path.split('.').map((name) => name.replace(/\[\d+\]$/, ''))
  const own = document.querySelector('[data-field-words]')
  const told = own === null ? {} : JSON.parse(own.dataset.fieldWords)
  for (const name of names.reverse()) {
    const found = told[name] ?? labelOf(name) ?? FIELDS[name]
    if (found !== undefined && found !== null) return found
  }
  return null
}

/** One sentence in Russian, then what the server says in English, unless that is a word of the schema. */
function problemWords({ code, title, detail, field, clause, fields }) {
  const named = [...new Set([...(fields ?? []).map((one) => one.field), field].filter(Boolean).map(fieldWords))]
  const labels = named.filter((label) => label !== null)
  const where = labels.length === 0 ? '' : `: ${labels.map((label) => `«${label}»`).join(', ')}`
  const by = clause === undefined ? '' : ` (пункт ${clause} политики)`
  const english = detail !== undefined && !/pattern|must |propert/.test(detail) ? detail : title
  return `${SAID[code] ?? 'Не получилось: сбой программы, попробуйте позже'}${where}${by}. ${english ?? ''}`.trim()
}

/** The error that a call was answered with, in words, with the problem's code. */
export async function problemOf(answer) {
  const given = await answer.json().catch(() => ({}))
  return Object.assign(new Error(problemWords(given)), { code: given.code, field: given.field })
}

/** A file as the interface takes it. */
export async function partOf(file) {
  const url = await new Promise((done, failed) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result)
    reader.onerror = () => failed(new Error('Файл не читается. The file cannot be read.'))
    reader.readAsDataURL(file)
  })
  return { name: file.name, type: file.type || 'application/octet-stream', content: url.slice(url.indexOf(',') + 1) }
}
