import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ImapFlow } from 'imapflow'

const run = promisify(execFile)
const PROGRAM = '/usr/sbin/dovecot'

/**
 * Whether Debian's Dovecot is there (`dovecot-imapd`). Where a build runs as root (`CI`) it is installed first. On a developer's own machine
 * nothing is installed unasked.
 */
export async function hasDovecot(): Promise<boolean> {
  if (!existsSync(PROGRAM) && process.env['CI'] !== undefined && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const install = ['install', '-y', '--no-install-recommends', 'dovecot-imapd']
    await run('apt-get', install, { env })
      .catch(async () => {
        await run('apt-get', ['update'], { env })
        await run('apt-get', install, { env })
      })
      .catch(() => undefined)
  }
  return existsSync(PROGRAM) && process.getuid?.() === 0
}

export interface Dovecot {
  /** Where a mailbox is: `imap://user:password@127.0.0.1:port`. There is one under any name. */
  url(user: string): string
  /** The same mailbox under TLS from the first byte, by a certificate for 127.0.0.1. */
  tlsUrl(user: string): string
  /** The file of the certificate, which is its own authority. */
  readonly ca: string
  /** Forgets the numbers of a mailbox while the server is away: it gives other ones, under another UIDVALIDITY. */
  renumber(user: string): Promise<void>
  /** A client of one's own, to put messages there and look at them. */
  client(user: string): Promise<ImapFlow>
  stop(): Promise<void>
  /** Starts it again on the same port and folder. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** A real IMAP server on loopback with any mailbox that is asked for, over a folder of its own; nothing of the machine's own configuration is read. */
export async function startDovecot(): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'doverie-imap-'))
  await chmod(folder, 0o755)
  const [port, tlsPort] = [await freePort(), await freePort()]
  const mail = join(folder, 'mail')
  await mkdir(mail)
  // The mailbox may not be root's.
  await chown(mail, 8, 8)
  const config = join(folder, 'dovecot.conf')
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
  ])
  await writeFile(config, configOf(folder, mail, port, tlsPort))
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    child = spawn(PROGRAM, ['-F', '-c', config], { stdio: 'ignore', detached: true })
    for (let i = 0; i < 100; i++) {
      if (await answers(port)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('Dovecot does not answer')
  }
  const stop = async (): Promise<void> => {
    const running = child
    child = null
    if (running === null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await gone
    // Sessions outlive their master for a while: its group is ours alone.
    try {
      if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL')
    } catch {
      // They are gone.
    }
  }
  await start()
  return {
    tlsUrl: (user) => `imaps://${user}:secret@127.0.0.1:${tlsPort}`,
    ca: join(folder, 'cert.pem'),
    renumber: async (user) => {
      const own = join(mail, user)
      const numbers = (await readdir(own)).filter((name) => /^dovecot[.-]/.test(name))
      for (const name of numbers) await rm(join(own, name), { recursive: true })
    },
    url: (user) => `imap://${user}:secret@127.0.0.1:${port}`,
    client: async (user) => {
      const auth = { user, pass: 'secret' }
      const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth, logger: false })
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    start,
    stop,
    remove: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One process tree of its own, on one port, for any name with one password. */
function configOf(folder: string, mail: string, port: number, tlsPort: number): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:${mail}/%u
first_valid_uid = 1
default_internal_user = dovecot
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
passdb {
  driver = static
  args = nopassword=n password=secret
}
userdb {
  driver = static
  args = uid=8 gid=8 home=${mail}
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Junk {
    auto = create
    special_use = \\Junk
  }
}
`
}

async function answers(port: number): Promise<boolean> {
  const { connect } = await import('node:net')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => {
        resolve(port)
      })
    })
  })
}
