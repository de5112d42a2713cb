/** The languages that a register is worded in. */
export const REGISTER_LANGUAGES = ['ru', 'en'] as const
export type RegisterLanguage = (typeof REGISTER_LANGUAGES)[number]

const ru = {
  title: 'Реестр процессов обработки персональных данных',
  made: 'Составлен по правилам политики',
  under: 'Основание реестра',
  controllers: 'Операторы',
  address: 'Адрес',
  contact: 'Для обращений',
  activities: 'Процессы обработки',
  recipients: 'Кому могут передаваться данные',
  measures: 'Меры, которые принимают люди',
  missing: 'Чего в правилах нет',
  missingText:
    'Эти сведения нужны для уведомления и реестра, но в правилах политики их нет. Впишите их сами: ответственный за организацию обработки; дата начала обработки; адреса баз данных; уровень защищённости и средства шифрования.',
  none: 'нет',
  unverified: 'не подтверждено юристом',
  contractEnd: 'пока действует договор',
  consentEnd: 'пока действует согласие',
  holdEnd: 'пока действует запрет уничтожения',
  fromEvent: 'после окончания',
  fromYear: 'после конца года окончания',
  special: 'специальная категория',
  required: 'обязательно',
  units: {
    year: { one: 'год', few: 'года', many: 'лет' },
    month: { one: 'месяц', few: 'месяца', many: 'месяцев' },
    day: { one: 'день', few: 'дня', many: 'дней' },
  },
  kinds: {
    entity: 'оператор',
    processor: 'обработчик по поручению',
    'third-party': 'третье лицо',
    authority: 'государственный орган',
  },
  columns: {
    purpose: 'Цель',
    plain: 'Что это значит',
    people: 'Чьи данные',
    data: 'Категории данных',
    grounds: 'Правовое основание',
    operations: 'Действия',
    actors: 'Кто обрабатывает',
    recipients: 'Получатели',
    crossBorder: 'Передача за границу',
    storage: 'Сроки хранения после достижения цели',
    entities: 'Операторы',
    clauses: 'Пункты политики',
  },
  peopleOf: 'кто заполнил форму',
}

type Words = typeof ru

const en: Words = {
  title: 'Register of processing activities',
  made: 'Made from the rules of the policy',
  under: 'What asks for the register',
  controllers: 'Controllers',
  address: 'Address',
  contact: 'Contact',
  activities: 'Activities',
  recipients: 'Who data may go to',
  measures: 'Measures that people take',
  missing: 'What the rules do not say',
  missingText:
    'The notice and the register need this too, and the rules of the policy do not have it. Fill it in: who is responsible for processing; the day processing began; where the databases are; the level of protection and the means of encryption.',
  none: 'none',
  unverified: 'not confirmed by a lawyer',
  contractEnd: 'while the contract is in force',
  consentEnd: 'while the consent lives',
  holdEnd: 'while destruction is forbidden',
  fromEvent: 'after its end',
  fromYear: 'after the end of the year of its end',
  special: 'special category',
  required: 'mandatory',
  units: {
    year: { one: 'year', few: 'years', many: 'years' },
    month: { one: 'month', few: 'months', many: 'months' },
    day: { one: 'day', few: 'days', many: 'days' },
  },
  kinds: { entity: 'controller', processor: 'processor', 'third-party': 'third party', authority: 'authority' },
  columns: {
    purpose: 'Purpose',
    plain: 'What it means',
    people: 'Whose data',
    data: 'Categories of data',
    grounds: 'Legal ground',
    operations: 'Operations',
    actors: 'Who processes',
    recipients: 'Recipients',
    crossBorder: 'Transfers abroad',
    storage: 'Kept after the purpose has ended',
    entities: 'Controllers',
    clauses: 'Clauses of the policy',
  },
  peopleOf: 'whoever filled in the form',
}

/** What a register says of itself. */
export const REGISTER_WORDS: Readonly<Record<RegisterLanguage, Words>> = { ru, en }
export type RegisterColumn = keyof Words['columns']
