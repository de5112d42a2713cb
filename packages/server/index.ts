import { DoverieError } from '@doverie/core/base'
import { firstStaffLink, openReplayed, PublicReads } from '@doverie/vault'
import { createApp } from './app.ts'
import { QUIET } from './embedded/index.ts'
import { startJobs } from './jobs.ts'
import { listen } from './listen.ts'
import { logLines } from './log-lines.ts'
import { smtpMailer } from './mail.ts'
import { isLoopback } from './loopback.ts'
import { openKms } from './kms-settings.ts'
import { loadPolicyFolder } from './policy-folder.ts'
import { loggable } from './problem.ts'
import { operatorFiles } from './operator-files.ts'
import { proveBundle } from './prove-bundle.ts'
import { replayLines } from './replay-lines.ts'
import { openProvider, readProviders } from './oidc.ts'
import { type ServerOptions, settingsOf } from './settings.ts'
import { httpGateway } from './sms.ts'
import { trustPolicy } from './trust-policy.ts'

export type { LogLevel, ServerOptions } from './settings.ts'

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  /** A new link that signs the first officer in, once; null while no policy has said who is one. Do not log it. */
  firstStaffLink(): Promise<string | null>
  /** Reads the policy's folder and the operator's words again; false where something does not pass, and then what was there stays. */
  reloadPolicy(): Promise<boolean>
  /** Answers what is under way, ends the jobs and closes every connection. */
  close(): Promise<void>
}

/**
 * Starts the server over two databases that answer and a keys folder with its root key. A policy that does not pass its check
 * is told line by line and everything is refused; over what came out of a backup the journal is replayed first; whatever else is wrong throws and leaves nothing open: the vault's faults,
 * `wrong-root-key`, and the operating system's word on the port.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataUrl, keystoreUrl, keysDir, policyDir, log = QUIET } = options
  const settings = settingsOf(options, process.env)
  const logger = logLines(settings.logLevel, options.logTo)
  const trust = await trustPolicy(settings)
  const { calendarYears, documentTexts, reloadTexts } = await operatorFiles(settings)
  const providers = (await readProviders(settings.oidcProviders, process.env)).map(openProvider)
  const kms = openKms(keysDir, process.env)
  const gateway = settings.sms === null ? null : httpGateway(settings.sms)
  // Without a mail server either, what goes to phones lies in the development mailbox.
  const phones = gateway !== null || settings.smtp === null
  let listening: string | null = null
  const place = {
    site: () => settings.publicUrl ?? listening,
    phones,
    providers: providers.length > 0,
    dataUrl,
    keystoreUrl,
    kms,
    origin: settings.origin,
    trust,
    calendarYears,
    documentTexts,
    now: () => Date.now(),
  }
  const vault = await openReplayed(place, {
    onReplayed: (replayed) => {
      for (const line of replayLines(replayed)) log.warn(line)
    },
  })
  const closers: (() => Promise<void> | void)[] = [() => vault.close()]
  const close = async (): Promise<void> => {
    // In the reverse order of opening; one that fails does not keep the rest open.
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer()
      } catch (error) {
        logger.error(loggable(error), 'closing failed')
      }
    }
    logger.flush()
  }
  try {
    const prove = settings.proveInvariants ? proveBundle : undefined
    await loadPolicyFolder(vault, policyDir, log, prove)
    const mailer = settings.smtp === null ? null : smtpMailer(settings.smtp, settings.mailFrom)
    if (mailer !== null)
      closers.push(() => {
        mailer.close()
      })
    const jobs = startJobs(vault, logger, { mailer, gateway }, settings)
    closers.push(() => jobs.stop())
    const loopback = isLoopback(options.host)
    const publicReads = new PublicReads(vault)
    const app = await createApp({ vault, publicReads, settings, logger, jobs: jobs.state, providers, loopback })
    closers.push(() => app.close())
    const url = await listen(app, options)
    listening = url
    return {
      url,
      firstStaffLink: async () => {
        const link = await firstStaffLink(vault)
        return link === null ? null : new URL(link.path, settings.publicUrl ?? url).href
      },
      reloadPolicy: async () => {
        // Words with a slip in them stay out, and those of before serve on.
        const worded = await reloadTexts().then(
          () => true,
          (error: unknown) => {
            log.warn(error instanceof DoverieError ? error.message : 'the words of documents cannot be read')
            return false
          },
        )
        return (await loadPolicyFolder(vault, policyDir, log, prove)) && worded
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
