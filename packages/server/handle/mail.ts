import * as contract from '@doverie/core/contract'
import { describeIntake, dismissAside, listAside, readAside, registerAside, type StaffCaller } from '@doverie/vault'
import type { ServerContext } from '../context.ts'
import { mailboxName } from '../intake/imap-settings.ts'
import { MessageReader } from '../intake/message-reader.ts'
import { isReached } from '../intake/run-intake.ts'
import { type Route, route, staffOf } from '../route.ts'
import { registeredView } from './requests.ts'

/** How letters come by mail, as staff see it. */
export async function intakeView(
  { vault, settings }: ServerContext,
  caller: StaffCaller,
): Promise<contract.MailIntake> {
  const { imap } = settings
  const intake = await describeIntake(vault, caller, imap === null ? '' : mailboxName(imap))
  const { reachedAt, failingSince, fault, before, aside } = intake
  return {
    mailbox: imap === null ? 'none' : isReached(intake, vault.now()) ? 'reached' : 'unreached',
    ...{ fetchedAt: reachedAt, failingSince, fault, before, aside: Object.fromEntries(aside) },
  }
}

export const mailRoutes: readonly Route[] = [
  route(contract.describeMail, (context, call) => intakeView(context, staffOf(call))),
  route(contract.listAside, async ({ vault }, call) => {
    const { all, ...which } = call.query
    const { messages, next } = await listAside(vault, staffOf(call), { ...which, all: all === 'true' })
    return { messages, next }
  }),
  route(contract.readAside, async ({ vault }, call) => {
    const { raw } = await readAside(vault, staffOf(call), call.params.message)
    // Whatever it is, no browser shows it as a page of this server.
    void call.reply.header('content-disposition', 'attachment; filename="message.eml"')
    return raw
  }),
  route(contract.registerAside, async ({ vault }, call) => {
    const caller = staffOf(call)
    const { message, raw } = await readAside(vault, caller, call.params.message)
    const reader = new MessageReader()
    const read = await reader.read(raw)
    await reader.close()
    return registeredView(await registerAside(vault, caller, { id: message.id, raw, read }))
  }),
  route(contract.dismissAside, async ({ vault }, call) => {
    await dismissAside(vault, staffOf(call), call.params.message)
    return null
  }),
]
