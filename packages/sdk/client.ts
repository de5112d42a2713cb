import * as contract from '@doverie/core/contract'
import type { FormContract, PolicySummary } from '@doverie/core/policy'
import { type Caller, type ClientOptions, connect } from './call.ts'

/** A form as shown: what it asks, and the snapshot to send back with the values. */
export interface ShownForm {
  readonly contract: FormContract
  readonly snapshot: string
}

/** What services do: open, decide, compare, search. */
export interface AccessClient {
  open(call: contract.AccessCall): Promise<contract.OpenedFields>
  openBatch(calls: readonly contract.AccessCall[]): Promise<contract.OpenedBatch['answers']>
  decide(call: contract.AccessCall): Promise<contract.DecidedAccess>
  compare(call: contract.CompareCall): Promise<contract.ComparedValue>
  search(call: contract.SearchCall): Promise<contract.FoundPeople>
}

/** What a site and its visitors do. */
export interface PersonClient {
  policy(lang?: string): Promise<PolicySummary>
  forms(lang?: string): Promise<PolicySummary['forms']>
  form(form: string): Promise<ShownForm>
  submit(form: string, submission: contract.Submission, idempotencyKey?: string): Promise<contract.CollectedForm>
  requestCode(email: string): Promise<contract.CodeSent>
  proveCode(id: string, code: string): Promise<contract.SignedIn>
  enter(token: string): Promise<contract.StaffSignedIn>
  leave(): Promise<null>
  me(entity: string): Promise<contract.MyData>
  history(range?: { readonly from?: number; readonly to?: number }): Promise<contract.History['entries']>
  /** The receipt of an entry, a `.tlog-proof` file: `verifyReceipt` of `@doverie/sdk/verify` checks it offline. */
  proof(place: number): Promise<string>
  /** The secret by which entries are known to be the person's. */
  ledgerSecret(): Promise<string>
  /** The signed receipt of a live consent: `verifyConsentReceipt` of `@doverie/sdk/verify` checks it offline. */
  consentReceipt(purpose: string, entity: string): Promise<contract.ConsentReceipt>
  withdraw(purpose: string, query: contract.WithdrawalQuery): Promise<contract.EndedGround>
}

export interface Client extends AccessClient, PersonClient {
  /** Any operation of the contract. */
  readonly call: Caller
  /** The session cookie held, outside a browser; null while there is none. */
  cookie(): string | null
  /** The same person, as the representative of another. */
  actingFor(subject: string): Client
}

/** A client of one server. Each call throws `DoverieProblem` where the answer is no success. */
export function createClient(options: ClientOptions): Client {
  const { call, cookie } = connect(options)
  const actingFor = (subject: string): Client => {
    const session = cookie()
    return createClient({ ...options, ...(session === null ? {} : { cookie: session }), onBehalfOf: subject })
  }
  return { call, cookie, actingFor, ...accessClient(call), ...personClient(call) }
}

function accessClient(call: Caller): AccessClient {
  return {
    open: (body) => call(contract.open, { body }),
    openBatch: async (calls) => (await call(contract.openBatch, { body: { calls } })).answers,
    decide: (body) => call(contract.decideAccess, { body }),
    compare: (body) => call(contract.compare, { body }),
    search: (body) => call(contract.search, { body }),
  }
}

function personClient(call: Caller): PersonClient {
  const inLanguage = (lang?: string): { readonly query: { readonly lang?: string } } => ({
    query: lang === undefined ? {} : { lang },
  })
  return {
    // The contract knows these three as objects only: what is in them belongs to core/policy.
    policy: async (lang) => (await call(contract.showPolicy, inLanguage(lang))) as unknown as PolicySummary,
    forms: async (lang) => {
      const { forms } = await call(contract.listForms, inLanguage(lang))
      return forms as unknown as PolicySummary['forms']
    },
    form: async (form) => (await call(contract.showForm, { params: { form } })) as unknown as ShownForm,
    submit: (form, body, idempotencyKey) =>
      call(contract.submitForm, {
        params: { form },
        body,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    requestCode: (email) => call(contract.requestCode, { body: { email } }),
    proveCode: (id, code) => call(contract.proveCode, { params: { id }, body: { code } }),
    enter: (token) => call(contract.enter, { body: { token } }),
    leave: () => call(contract.leave, {}),
    me: (entity) => call(contract.showMe, { query: { entity } }),
    history: async ({ from, to } = {}) => {
      const query = {
        ...(from === undefined ? {} : { from: String(from) }),
        ...(to === undefined ? {} : { to: String(to) }),
      }
      return (await call(contract.showHistory, { query })).entries
    },
    proof: (place) => call(contract.proveEntry, { params: { place: String(place) } }),
    ledgerSecret: async () => (await call(contract.showLedgerSecret, {})).trim(),
    consentReceipt: (purpose, entity) => call(contract.consentReceipt, { params: { purpose }, query: { entity } }),
    withdraw: (purpose, query) => call(contract.withdrawMine, { params: { purpose }, query }),
  }
}
