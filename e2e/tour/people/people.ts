import { readFileSync } from 'node:fs'
import { type Faker, fakerEN, fakerRU } from '@faker-js/faker'
import { type FieldKind, normaliseValue } from '@doverie/core/policy'
import { type CanaryMint, capitalised } from './canaries.ts'
import { type Random, randomOf } from './random.ts'
import {
  accessAddresses,
  bankDetails,
  britishPhone,
  type Given,
  paymentToken,
  plain,
  russianPhone,
  taxId,
} from './values.ts'

/** Field to value. */
export type Values = Readonly<Record<string, Given>>

/** Somebody with all that they will ever type into a form. */
export interface Person {
  readonly number: number
  readonly language: 'ru' | 'en'
  /** One of the hand-made list. */
  readonly hard: boolean
  /** Where they come from: personal too, for it is kept as evidence of consents. */
  readonly address: string
  readonly agent: string
  readonly entity: 'start' | 'solutions'
  readonly registration: Values
  /** What an order asks beyond registration. */
  readonly order: Values
  /** What they correct later. */
  readonly correction: Values
}

interface Hard {
  readonly surname: string
  readonly givenName: string
  readonly patronymic?: string
  readonly email: string
  readonly phone: string
  readonly postalAddress: string
}

/** The hand-made people come first, at most a third of all. */
export function makePeople(count: number, seed: number, mint: CanaryMint): readonly Person[] {
  const file = readFileSync(new URL('../hard-people.json', import.meta.url), 'utf8')
  const hard = (JSON.parse(file) as readonly Hard[]).slice(0, Math.ceil(count / 3))
  return Array.from({ length: count }, (_, number) => makePerson(number, seed, mint, hard[number]))
}

function makePerson(number: number, seed: number, mint: CanaryMint, hard: Hard | undefined): Person {
  const random = randomOf(seed, `person ${number}`)
  const language = hard === undefined ? random.pick(['ru', 'en'] as const) : isRussian(hard) ? 'ru' : 'en'
  const faker = language === 'ru' ? fakerRU : fakerEN
  faker.seed(seed * 100_003 + number)
  const registration =
    hard === undefined ? registrationOf(faker, language, mint, random, number) : hardRegistration(hard, mint, number)
  const agent = `Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 ${mint.word('latin', 'user-agent', number)}/150.0`
  return {
    number,
    language,
    hard: hard !== undefined,
    address: addressOf(number, mint),
    agent,
    entity: random.pick(['start', 'start', 'solutions']),
    registration,
    order: orderOf(faker, language, mint, random, number),
    correction: correctionOf(faker, language, mint, random, number),
  }
}

function registrationOf(faker: Faker, language: 'ru' | 'en', mint: CanaryMint, random: Random, number: number): Values {
  const script = language === 'ru' ? 'cyrillic' : 'latin'
  const word = (field: string): string => capitalised(mint.word(script, field, number))
  const sex = random.pick(['female', 'male'] as const)
  const domain = random.pick(['example.com', 'example.org', 'example.net', 'mail.example'])
  const email = `${random.chance(30) ? 'info.' : ''}${mint.word('latin', 'email', number)}@${domain}`
  return {
    surname: plain(`${faker.person.lastName(sex)}-${word('surname')}`),
    'given-name': plain(`${faker.person.firstName(sex)} ${word('given-name')}`),
    ...(language === 'ru' && random.chance(80) ? { patronymic: plain(word('patronymic')) } : {}),
    email: { typed: random.chance(10) ? ` ${email} ` : email, kept: email },
    ...(random.chance(85) ? { phone: phoneOf(language, mint, random, 'phone', number) } : {}),
    ...(random.chance(60) ? { 'postal-address': plain(postalOf(faker, language, mint, random, number)) } : {}),
  }
}

/** The values of the hand-made list are their own canaries where they are long enough. */
function hardRegistration(hard: Hard, mint: CanaryMint, number: number): Values {
  const own: Record<string, Given> = {}
  const take = (field: string, kind: FieldKind, typed: string | undefined): void => {
    if (typed === undefined) return
    const result = normaliseValue(kind, typed)
    if (!result.ok) throw new Error(`hard person ${number}: ${field}`)
    mint.watch(result.value, field, number)
    if (typed !== result.value) mint.watch(typed, field, number)
    own[field] = { typed, kept: result.value }
  }
  take('surname', 'person-name', hard.surname)
  take('given-name', 'person-name', hard.givenName)
  take('patronymic', 'person-name', hard.patronymic)
  take('email', 'email', hard.email)
  take('phone', 'phone', hard.phone)
  take('postal-address', 'postal-address', hard.postalAddress)
  return own
}

function orderOf(faker: Faker, language: 'ru' | 'en', mint: CanaryMint, random: Random, number: number): Values {
  const contact = capitalised(mint.word(language === 'ru' ? 'cyrillic' : 'latin', 'technical-contact-name', number))
  const { bik, account } = bankDetails(mint, random, number)
  const payment = random.chance(50)
    ? { 'bank-bik': bik, 'bank-account': account }
    : { 'payment-token': paymentToken(mint, number), 'payment-last4': plain(String(1000 + random.int(9000))) }
  return {
    phone: phoneOf(language, mint, random, 'phone', number),
    ...payment,
    'technical-contact-name': plain(`${faker.person.firstName()} ${contact}`),
    'technical-contact-phone': phoneOf(language, mint, random, 'technical-contact-phone', number),
    ...(random.chance(50) ? { 'access-addresses': accessAddresses(mint, random, number) } : {}),
    ...(random.chance(40) ? { 'tax-id': taxId(mint, number) } : {}),
  }
}

function correctionOf(faker: Faker, language: 'ru' | 'en', mint: CanaryMint, random: Random, number: number): Values {
  const script = language === 'ru' ? 'cyrillic' : 'latin'
  return {
    surname: plain(`${faker.person.lastName()} ${capitalised(mint.word(script, 'surname', number))}`),
    phone: phoneOf(language, mint, random, 'phone', number),
    'postal-address': plain(postalOf(faker, language, mint, random, number)),
  }
}

function phoneOf(language: 'ru' | 'en', mint: CanaryMint, random: Random, field: string, number: number): Given {
  return (language === 'ru' ? russianPhone : britishPhone)(mint, random, field, number)
}

function postalOf(faker: Faker, language: 'ru' | 'en', mint: CanaryMint, random: Random, number: number): string {
  const street = capitalised(mint.word(language === 'ru' ? 'cyrillic' : 'latin', 'postal-address', number))
  const house = 1 + random.int(180)
  return language === 'ru'
    ? `${101_000 + random.int(500_000)}, г. ${faker.location.city()}, ул. ${street}, д. ${house}, кв. ${1 + random.int(300)}`
    : `${house} ${street} Street, ${faker.location.city()}, ${faker.location.state()} ${faker.location.zipCode('#####')}`
}

/** A loopback address of the person's own, of one width so that none is a part of another. */
function addressOf(number: number, mint: CanaryMint): string {
  const address = `127.${100 + (Math.floor(number / 22_500) % 150)}.${100 + (Math.floor(number / 150) % 150)}.${100 + (number % 150)}`
  mint.watch(address, 'address', number)
  return address
}

function isRussian({ surname }: Hard): boolean {
  return /\p{Script=Cyrillic}/u.test(surname)
}
